import HTTP
import HTTPTypes
import TestShop

/// The tokens of a login or a refresh.
struct Tokens: Sendable {
    let access: String
    let refresh: String

    init(_ response: Response) throws {
        guard response.status == .ok, case .string(let access)? = try response.json["access_token"],
            case .string(let refresh)? = try response.json["refresh_token"]
        else { throw TestFailure(description: "no tokens: \(response.text)") }
        self.access = access
        self.refresh = refresh
    }
}

extension TestShop {
    /// The response to a login.
    func login(
        _ username: String, _ password: String = TestShop.password, query: String = "",
        fields: HTTPFields = [:], from address: String = "192.0.2.1"
    ) throws -> Response {
        try send(
            .post, "/customers/login\(query)", as: nil,
            #"{"username":"\#(username)","password":"\#(password)"}"#, fields: fields,
            from: address)
    }

    /// A new session.
    func session(of username: String) throws -> Tokens { try Tokens(try login(username)) }

    /// The response to a refresh.
    func refresh(_ token: String, query: String = "") throws -> Response {
        try send(.post, "/customers/refresh\(query)", as: nil, #"{"refresh_token":"\#(token)"}"#)
    }

    /// Sends a request with this token.
    func send(_ method: HTTPRequest.Method = .get, _ target: String, with token: String) throws
        -> Response
    {
        try send(method, target, as: nil, fields: [.authorization: "Bearer \(token)"])
    }

    /// The balance of a wallet.
    func balance(of username: String) throws -> Int64 {
        try value("SELECT balance AS value FROM customers WHERE username = \(username)")
    }
}

extension Response {
    /// The `code` of the problem in the response.
    var code: String? {
        get throws {
            guard case .string(let code)? = try json["code"] else { return nil }
            return code
        }
    }
}
