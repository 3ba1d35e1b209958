import Customers
import Foundation
import HTTP
import HTTPTypes
import Launch
import Logging
import Service
import Storage
import Synchronization
import TestShop
import Testing

@Suite struct KeyRotationTests {
    /// A folder with a key file, and a shop whose responders read it, by the machine's clock.
    final class Premises: Sendable {
        let shop: TestShop
        let path: String
        let file: KeyFile
        let clock = Mutex<Int64>(0)

        init() throws {
            shop = try TestShop()
            path = shop.folder.appending(path: "jwt.secret").path
            file = KeyFile(path: path)
            try file.create()
        }

        /// A responder as a process that starts now has it.
        func responder() throws -> Responder {
            Responder(
                Customers.routes(with: []),
                of: Shop(
                    currency: "USD", keys: try file.ring(), accessTokenSeconds: 900,
                    refreshTokenSeconds: 2_592_000, selfCharge: true, throttlesLogins: true),
                on: shop.store, authenticate: Customers.caller,
                clock: { Instant.now().adding(seconds: self.clock.withLock { $0 }) },
                log: Logger(label: "test"))
        }

        func pass(seconds: Int64) { clock.withLock { $0 += seconds } }

        func rotate() throws { try file.rotate(at: .now(), keptSeconds: 87_300) }

        var text: String {
            get throws { try String(contentsOfFile: path, encoding: .utf8) }
        }

        var lines: [String] {
            get throws { try text.split(separator: "\n").map(String.init) }
        }
    }

    @Test func makesAFileForItsOwnerAlone() throws {
        let premises = try Premises()
        #expect(mode(premises.path) == 0o600)
        #expect(try premises.lines.count == 1)
        #expect(try premises.lines[0].utf8.count == 64)
        let before = try premises.text
        #expect(try !premises.file.create())
        #expect(try premises.text == before)
        try premises.rotate()
        #expect(mode(premises.path) == 0o600)
        #expect(!FileManager.default.fileExists(atPath: "\(premises.path).new"))
        #expect(try premises.lines.count == 2)
        #expect(try premises.lines[1].hasPrefix(before.dropLast() + " 20"))
        #expect(try premises.lines[0].utf8.count == 64)
        chmod(premises.path, 0o640)
        try premises.rotate()
        #expect(mode(premises.path) == 0o640)
    }

    @Test func dropsWhatIsPastItsTime() throws {
        let premises = try Premises()
        let first = try premises.lines[0]
        try premises.file.rotate(at: .now(), keptSeconds: 60)
        let second = try premises.lines[0]
        try premises.file.rotate(at: .now(), keptSeconds: 60)
        #expect(try premises.lines.count == 3)
        try premises.file.rotate(at: .now().adding(seconds: 61), keptSeconds: 60)
        #expect(try premises.lines.count == 2)
        #expect(try !premises.text.contains(first) && !premises.text.contains(second))
    }

    @Test func keepsOldTokensGoodAndGivesOutNewOnesWithoutARestart() throws {
        let premises = try Premises()
        let (logins, other) = (try premises.responder(), try premises.responder())
        let old = try Tokens(logins.login())
        #expect(other.status(old) == 200)
        try premises.rotate()
        #expect(logins.status(old) == 200 && other.status(old) == 200)
        let new = try Tokens(logins.login())
        #expect(try kid(new.access) != kid(old.access))
        // The other has not been told; the token it does not know makes it look.
        #expect(other.status(new) == 200 && other.status(old) == 200)
        let refreshed = try Tokens(other.refresh(old.refresh))
        #expect(try kid(refreshed.access) == kid(new.access))
        let third = try premises.responder()
        #expect(third.status(old) == 200 && third.status(new) == 200)
    }

    @Test func namesTheKeyAndNothingOfIt() throws {
        let premises = try Premises()
        let session = try Tokens(try premises.responder().login())
        let header = try part(0, of: session.access)
        #expect(header["alg"] == "HS256" && header["typ"] == "JWT")
        let kid = try #require(header["kid"]?.text)
        #expect(kid.utf8.count == 16)
        #expect(try !premises.text.contains(kid))
        let claims = try part(1, of: session.access)
        #expect(Set(claims.members) == ["iss", "sub", "sid", "iat", "exp"])
        #expect(claims["iss"] == "souk" && claims["sub"] == "1" && claims["sid"] == "1")
    }

    @Test func stopsTakingAFormerKeyWhenItsTimeHasCome() throws {
        let premises = try Premises()
        let running = try premises.responder()
        let leaked = Array(try premises.lines[0].utf8)
        #expect(running.status(try Tokens(running.login())) == 200)
        try premises.rotate()
        _ = running.login()
        // Whoever has the former secret makes tokens of any age.
        premises.pass(seconds: 87_000)
        #expect(running.status(token: try forged(leaked, premises)) == 200)
        premises.pass(seconds: 301)
        let forged = try forged(leaked, premises)
        #expect(running.status(token: forged) == 401)
        #expect(running.code(token: forged) == "token_invalid")
        let new = try Tokens(running.login())
        #expect(running.status(new) == 200)
    }

    @Test func refusesAKeyThatWasNeverInTheFile() throws {
        let premises = try Premises()
        let running = try premises.responder()
        _ = running.login()
        let other = Array("another key that is as long as it has to be".utf8)
        #expect(running.code(token: try forged(other, premises)) == "token_invalid")
    }

    @Test func givesTheSameRefreshTokenAgainAcrossARotation() throws {
        let premises = try Premises()
        let running = try premises.responder()
        let session = try Tokens(running.login())
        let first = try Tokens(running.refresh(session.refresh))
        try premises.rotate()
        _ = running.login()  // From now on it knows the new key.
        let again = try Tokens(running.refresh(session.refresh))
        #expect(again.refresh == first.refresh)
        #expect(running.status(again) == 200)
        let next = try Tokens(running.refresh(first.refresh))
        #expect(running.status(next) == 200)
        #expect(running.refresh(session.refresh).status.code == 401)
    }

    @Test func replaysARetryAcrossARotation() throws {
        let premises = try Premises()
        let running = try premises.responder()
        let session = try Tokens(running.login())
        func charge(_ responder: Responder, _ amount: Int) -> Response {
            responder.send(
                .post, "/customers/ada/wallet/charge", #"{"amount":\#(amount)}"#,
                token: session.access, fields: .key("once"))
        }
        let first = charge(running, 7)
        #expect(first.status.code == 201)
        try premises.rotate()
        _ = running.login()
        for responder in [running, try premises.responder()] {
            let again = charge(responder, 7)
            #expect(again.status.code == 201)
            #expect(again.body == first.body)
            #expect(again.field("Idempotent-Replayed") == "true")
            #expect(try charge(responder, 8).code == "idempotency_key_reused")
        }
    }

    @Test func keepsItsKeysWhereTheFileBecomesUnreadable() throws {
        let premises = try Premises()
        let running = try premises.responder()
        let session = try Tokens(running.login())
        let secret = try premises.text
        for garbage in ["", "short", "\0\0\0"] {
            try garbage.write(toFile: premises.path, atomically: false, encoding: .utf8)
            #expect(running.status(session) == 200)
            #expect(running.status(try Tokens(running.login())) == 200)
        }
        unlink(premises.path)
        #expect(running.status(try Tokens(running.login())) == 200)
        try secret.write(toFile: premises.path, atomically: false, encoding: .utf8)
        chmod(premises.path, 0o600)
        #expect(running.status(session) == 200)
    }

    static let secret = "S3cretS3cretS3cretS3cretS3cretS3cret"

    // swift-format-ignore
    static let files: [(bytes: [UInt8], mode: mode_t, fault: String?)] = [
        (Array("\(secret)\n".utf8), 0o600, nil),
        (Array(secret.utf8), 0o600, nil),
        (Array("\(secret)\r\n".utf8), 0o400, nil),
        (Array("\(secret)\n\(secret)x 2020-01-01T00:00:00Z\n".utf8), 0o640, nil),
        (Array("\(secret)\n".utf8), 0o604, "can be read by anybody: chmod 600."),
        (Array("\(secret)\n".utf8), 0o602, "can be read by anybody: chmod 600."),
        ([], 0o600, "has fewer than 32 bytes."),
        (Array("\n\n\n".utf8), 0o600, "has fewer than 32 bytes."),
        (Array("S3cretS3cret\n".utf8), 0o600, "has fewer than 32 bytes."),
        (Array("\(secret)\nS3cret 2030-01-01T00:00:00Z\n".utf8), 0o600, "has fewer than 32 bytes."),
        (Array("\(secret) tomorrow\n".utf8), 0o600, "has a line that ends in no time."),
        (Array("\(secret)\n\(secret)x 2030-13-01T00:00:00Z\n".utf8), 0o600, "has a line that ends in no time."),
        ((0..<40).map { UInt8(200 + $0) }, 0o600, "is not text in UTF-8."),
    ]

    @Test(arguments: files.indices) func readsAFileOrSaysWhatIsWrongAndNothingOfIt(index: Int)
        throws
    {
        let premises = try Premises()
        let file = Self.files[index]
        #expect(FileManager.default.createFile(atPath: premises.path, contents: Data(file.bytes)))
        chmod(premises.path, file.mode)
        for attempt in [{ _ = try premises.file.ring() }, premises.rotate] {
            guard let fault = file.fault else {
                try attempt()
                continue
            }
            let error = #expect(throws: SettingsError.self) { try attempt() }
            #expect(error?.description == "The signing key \(premises.path) \(fault)")
            #expect(error?.description.contains("S3cret") == false)
        }
    }

    @Test func saysWhereThereIsNone() throws {
        let missing = KeyFile(path: "/nonexistent/jwt.secret")
        for attempt in [
            { _ = try missing.ring() }, { try missing.rotate(at: .now(), keptSeconds: 1) },
        ] {
            let error = #expect(throws: SettingsError.self) { try attempt() }
            #expect(error?.description == "The signing key /nonexistent/jwt.secret cannot be read.")
        }
        let error = #expect(throws: SettingsError.self) { try missing.create() }
        #expect(error?.description.contains("cannot be written") == true)
    }

    /// A token by somebody who has `secret`, for ada's first session.
    private func forged(_ secret: [UInt8], _ premises: Premises) throws -> String {
        let shop = Shop(
            currency: "USD", keys: KeyRing([secret]), accessTokenSeconds: 900,
            refreshTokenSeconds: 1, selfCharge: false, throttlesLogins: true)
        let now = Instant.now().adding(seconds: premises.clock.withLock { $0 })
        return try shop.tokens.sign(.init(customer: 1, session: 1), at: now).token
    }

    private func mode(_ path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : nil
    }

    private func kid(_ token: String) throws -> String? { try part(0, of: token)["kid"]?.text }

    private func part(_ index: Int, of token: String) throws -> JSON {
        let standard = token.split(separator: ".")[index].map {
            $0 == "-" ? "+" : $0 == "_" ? "/" : $0
        }
        let padding = String(repeating: "=", count: (4 - standard.count % 4) % 4)
        let data = try #require(Data(base64Encoded: String(standard) + padding))
        return try JSON(parsing: Array(data))
    }
}

extension Responder {
    func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, token: String? = nil,
        fields: HTTPFields = [:]
    ) -> Response {
        var request = Request(method: method, path: path, fields: fields, id: "1")
        request.fields[.authorization] = token.map { "Bearer \($0)" }
        request.fields[.contentType] = "application/json"
        request.body = Array((body ?? "").utf8)
        return answer(request)
    }

    fileprivate func login() -> Response {
        send(
            .post, "/customers/login", #"{"username":"ada","password":"\#(TestShop.password)"}"#)
    }

    fileprivate func refresh(_ token: String) -> Response {
        send(.post, "/customers/refresh", #"{"refresh_token":"\#(token)"}"#)
    }

    fileprivate func status(_ session: Tokens) -> Int { status(token: session.access) }

    fileprivate func status(token: String) -> Int {
        send(.get, "/customers/ada", token: token).status.code
    }

    fileprivate func code(token: String) -> String? {
        try? send(.get, "/customers/ada", token: token).code
    }
}
