import TestShop

/// Somebody who uses a shop over HTTP, on a connection that is kept.
///
/// `@unchecked Sendable`: one thread at a time.
public final class Visitor: @unchecked Sendable {
    /// The bearer token that goes with each request, if there is one.
    public var token: String?
    private let port: UInt16
    private let host: String
    private var connection: HTTPConnection?

    /// Somebody nobody knows yet.
    ///
    /// `host` is what the Host field says.
    public init(port: UInt16, host: String = "localhost") {
        self.port = port
        self.host = host
    }

    /// Somebody with a token.
    public init(port: UInt16, token: String) {
        self.port = port
        host = "localhost"
        self.token = token
    }

    /// Logs in.
    /// - Throws: `Failure` where that is refused.
    public func logIn(as name: String, _ password: String) throws {
        token = nil
        let answer = try send(
            "POST", "/customers/login", #"{"username":"\#(name)","password":"\#(password)"}"#)
        guard answer.status == 200 else { throw Failure("\(name) cannot log in: \(answer)") }
        token = try answer.string("access_token")
    }

    /// Sends a request with `body` as JSON, and reads the answer.
    ///
    /// What goes wrong on the wire is thrown; the next request takes a new connection.
    public func send(
        _ method: String, _ target: String, _ body: String? = nil,
        fields: [(String, String)] = []
    ) throws -> HTTPAnswer {
        var fields = fields
        if body != nil, !fields.contains(where: { $0.0 == "Content-Type" }) {
            fields.append(("Content-Type", "application/json"))
        }
        return try send(method, target, bytes: body.map { Array($0.utf8) }, fields: fields)
    }

    /// Sends a request whose body need not be text.
    public func send(
        _ method: String, _ target: String, bytes: [UInt8]?, fields: [(String, String)] = []
    ) throws -> HTTPAnswer {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\n"
        for (name, value) in fields { head += "\(name): \(value)\r\n" }
        if let token, !fields.contains(where: { $0.0 == "Authorization" }) {
            head += "Authorization: Bearer \(token)\r\n"
        }
        if let bytes { head += "Content-Length: \(bytes.count)\r\n" }
        return try send(raw: Array("\(head)\r\n".utf8) + (bytes ?? []), toHead: method == "HEAD")
    }

    /// Sends bytes as they are, and reads an answer.
    public func send(raw: [UInt8], toHead: Bool = false) throws -> HTTPAnswer {
        do {
            if connection?.isSpent == true { connection = nil }
            let connection = try connection ?? HTTPConnection(port: port)
            self.connection = connection
            try connection.send(raw)
            let answer = try connection.answer(toHead: toHead)
            if answer["Connection"] == "close" { self.connection = nil }
            return answer
        } catch {
            connection = nil
            throw error
        }
    }

    /// Puts the phone down.
    public func hangUp() { connection = nil }
}
