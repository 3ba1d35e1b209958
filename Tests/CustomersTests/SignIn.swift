import HTTP
import HTTPTypes
import TestShop

extension Tokens {
    /// Identifies the client of a request.
    var fields: HTTPFields { [.authorization: "Bearer \(access)"] }
}

extension TestShop {
    /// Logs in as a client with the User-Agent `agent`.
    func signIn(
        _ account: String, password: String = TestShop.password, agent: String = "test"
    ) throws -> Tokens {
        try Tokens(login(account, password, fields: [.userAgent: agent]))
    }

    /// Sends with the access token of one of several sessions.
    func send(
        _ method: HTTPRequest.Method, _ target: String, with session: Tokens,
        _ body: String? = nil
    ) throws -> Response {
        try send(method, target, body, fields: session.fields)
    }

    /// The status of a request for the session's own account: 200, or 401 after the session has
    /// ended.
    func status(of session: Tokens, _ account: String) throws -> Int {
        try send(.get, "/customers/\(account)", with: session).status.code
    }

    /// The response to a registration.
    func register(
        _ username: String, password: String = TestShop.password, fullName: String = "Somebody",
        fields: HTTPFields = [:]
    ) throws -> Response {
        try send(
            .post, "/customers",
            #"{"username":"\#(username)","password":"\#(password)","full_name":"\#(fullName)"}"#,
            fields: fields)
    }
}

extension Response {
    /// A header field whose name has no constant.
    func field(_ name: String) -> String? { HTTPField.Name(name).flatMap { fields[$0] } }
}
