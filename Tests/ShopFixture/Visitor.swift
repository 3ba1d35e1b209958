import TestShop

/// A client that uses a shop over HTTP, on a persistent connection.
///
/// `@unchecked Sendable`: only one thread at a time may use it.
public final class Visitor: @unchecked Sendable {
    /// The bearer token that is sent with each request, if any.
    public var token: String?
    private let port: UInt16
    private let host: String
    private var connection: HTTPConnection?

    /// Creates an anonymous client.
    ///
    /// `host` is the value of the Host field.
    public init(port: UInt16, host: String = "localhost") {
        self.port = port
        self.host = host
    }

    /// Creates a client with a token.
    public init(port: UInt16, token: String) {
        self.port = port
        host = "localhost"
        self.token = token
    }

    /// Logs in.
    ///
    /// - Throws: `Failure` if the login is rejected.
    public func logIn(as name: String, _ password: String) throws {
        token = nil
        let answer = try send(
            "POST", "/customers/login", #"{"username":"\#(name)","password":"\#(password)"}"#)
        guard answer.status == 200 else { throw Failure("\(name) cannot log in: \(answer)") }
        token = try answer.string("access_token")
    }

    /// Sends a request with `body` as JSON, and reads the response.
    ///
    /// It throws network errors; the next request opens a new connection.
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

    /// Sends bytes unchanged, and reads a response.
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

    /// Closes the connection.
    public func hangUp() { connection = nil }
}
