import Foundation
import HTTP
import HTTPTypes
import Service
import Storage
import TestShop
import Testing
import Values

@Suite struct KeyRotationTests {
    @Test func acceptsOldTokensAndIssuesNewOnesWithoutARestart() throws {
        let premises = try KeyRotationFixture()
        let (logins, other) = (try premises.responder(), try premises.responder())
        let old = try Tokens(logins.login())
        #expect(other.status(old) == 200)
        try premises.rotate()
        #expect(logins.status(old) == 200 && other.status(old) == 200)
        let new = try Tokens(logins.login())
        #expect(try kid(new.access) != kid(old.access))
        // The second responder does not know the key yet; an unknown key makes it read the file.
        #expect(other.status(new) == 200 && other.status(old) == 200)
        let refreshed = try Tokens(other.refresh(old.refresh))
        #expect(try kid(refreshed.access) == kid(new.access))
        let third = try premises.responder()
        #expect(third.status(old) == 200 && third.status(new) == 200)
    }

    @Test func tokensContainTheKeyIdOnly() throws {
        let premises = try KeyRotationFixture()
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

    @Test func rejectsAFormerKeyAfterItsExpiry() throws {
        let premises = try KeyRotationFixture()
        let running = try premises.responder()
        let leaked = Array(try premises.lines[0].utf8)
        #expect(running.status(try Tokens(running.login())) == 200)
        try premises.rotate()
        _ = running.login()
        // An attacker with the former secret can create tokens of any age.
        premises.pass(seconds: 87_000)
        #expect(running.status(token: try forged(leaked, premises)) == 200)
        premises.pass(seconds: 301)
        let forged = try forged(leaked, premises)
        #expect(running.status(token: forged) == 401)
        #expect(running.code(token: forged) == "token_invalid")
        let new = try Tokens(running.login())
        #expect(running.status(new) == 200)
    }

    /// Deleting a stolen key from the file needs no restart.
    @Test func rejectsAKeyASecondAfterItsDeletion() throws {
        let premises = try KeyRotationFixture()
        let running = try premises.responder()
        let old = try Tokens(running.login())
        try premises.rotate()
        #expect(running.status(old) == 200)
        let first = try premises.lines[0]
        try "\(first)\n".write(toFile: premises.path, atomically: false, encoding: .utf8)
        premises.pass(seconds: 1)
        #expect(running.code(token: old.access) == "token_invalid")
        // The refresh token is not signed, so the session can still get a new access token.
        let new = try Tokens(running.refresh(old.refresh))
        #expect(running.status(new) == 200)
    }

    /// Setting back the clock does not keep a key valid.
    @Test func readsTheFileAfterTheClockWasSetBack() throws {
        let premises = try KeyRotationFixture()
        let running = try premises.responder()
        premises.pass(seconds: 600)
        let old = try Tokens(running.login())
        premises.pass(seconds: -590)
        try premises.rotate()
        let first = try premises.lines[0]
        try "\(first)\n".write(toFile: premises.path, atomically: false, encoding: .utf8)
        #expect(running.code(token: old.access) == "token_invalid")
    }

    @Test func refusesAKeyThatWasNeverInTheFile() throws {
        let premises = try KeyRotationFixture()
        let running = try premises.responder()
        _ = running.login()
        let other = Array("another key that is as long as it has to be".utf8)
        #expect(running.code(token: try forged(other, premises)) == "token_invalid")
    }

    @Test func givesTheSameRefreshTokenAgainAcrossARotation() throws {
        let premises = try KeyRotationFixture()
        let running = try premises.responder()
        let session = try Tokens(running.login())
        let first = try Tokens(running.refresh(session.refresh))
        try premises.rotate()
        _ = running.login()  // The responder knows the new key from here on.
        let again = try Tokens(running.refresh(session.refresh))
        #expect(again.refresh == first.refresh)
        #expect(running.status(again) == 200)
        let next = try Tokens(running.refresh(first.refresh))
        #expect(running.status(next) == 200)
        #expect(running.refresh(session.refresh).status.code == 401)
    }

    @Test func replaysARetryAcrossARotation() throws {
        let premises = try KeyRotationFixture()
        let running = try premises.responder()
        let session = try Tokens(running.login())
        // A change of the caller's own account that may be repeated under its key.
        func save(_ responder: Responder, _ amount: Int) -> Response {
            responder.send(
                .post, "/customers/ada/addresses",
                #"{"name":"Ada","lines":["\#(amount) St"],"city":"London","country":"GB"}"#,
                token: session.access, fields: .key("once"))
        }
        let first = save(running, 7)
        #expect(first.status.code == 201)
        try premises.rotate()
        _ = running.login()
        for responder in [running, try premises.responder()] {
            let again = save(responder, 7)
            #expect(again.status.code == 201)
            #expect(again.body == first.body)
            #expect(again.field("Idempotent-Replayed") == "true")
            #expect(try save(responder, 8).code == "idempotency_key_reused")
        }
    }

    @Test func keepsItsKeysIfTheFileBecomesUnreadable() throws {
        let premises = try KeyRotationFixture()
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

    /// A token that a holder of `secret` creates for ada's first session.
    private func forged(_ secret: [UInt8], _ premises: KeyRotationFixture) throws -> String {
        let shop = Shop(
            currency: "USD", keys: KeyRing([secret]), accessTokenSeconds: 900,
            refreshTokenSeconds: 1, throttlesLogins: true)
        let now = Instant.now().adding(seconds: premises.clock.withLock { $0 })
        return try shop.tokens.sign(.init(customer: 1, session: 1), at: now).token
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
