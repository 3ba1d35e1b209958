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
import Values

/// A folder with a key file, and a shop whose responders read it, on the system clock.
final class KeyRotationFixture: Sendable {
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

    /// A responder as a process that starts now creates it.
    func responder() throws -> Responder {
        Responder(
            Customers.routes(with: []),
            of: Shop(
                currency: "USD", keys: try file.ring(), accessTokenSeconds: 900,
                refreshTokenSeconds: 2_592_000, throttlesLogins: true),
            on: shop.store, authentication: Customers.authentication,
            clock: { Instant.now().adding(seconds: self.clock.withLock { $0 }) },
            log: Logger(label: "test"))
    }

    func pass(seconds: Int64) { clock.withLock { $0 += seconds } }

    func rotate() throws {
        try file.rotate(at: .now(), keptSeconds: 87_300)
    }

    var text: String {
        get throws { try String(contentsOfFile: path, encoding: .utf8) }
    }

    var lines: [String] {
        get throws { try text.split(separator: "\n").map(String.init) }
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

    func login() -> Response {
        send(
            .post, "/customers/login", #"{"username":"ada","password":"\#(TestShop.password)"}"#)
    }

    func refresh(_ token: String) -> Response {
        send(.post, "/customers/refresh", #"{"refresh_token":"\#(token)"}"#)
    }

    func status(_ session: Tokens) -> Int { status(token: session.access) }

    func status(token: String) -> Int {
        send(.get, "/customers/ada", token: token).status.code
    }

    func code(token: String) -> String? {
        try? send(.get, "/customers/ada", token: token).code
    }
}
