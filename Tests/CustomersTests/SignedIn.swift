import HTTP
import HTTPTypes
import TestShop

/// What a login or a refresh gave out.
struct SignedIn: Equatable {
    let access: String
    let refresh: String

    init(_ response: Response) throws {
        guard let access = try response.json["access_token"]?.text,
            let refresh = try response.json["refresh_token"]?.text
        else { throw TestFailure(description: "No tokens: \(response.text)") }
        self.access = access
        self.refresh = refresh
    }

    var fields: HTTPFields { [.authorization: "Bearer \(access)"] }
}

extension TestShop {
    /// The answer to a login.
    func login(
        _ account: String, password: String = TestShop.password, agent: String = "test"
    ) throws -> Response {
        try send(
            .post, "/customers/login", #"{"username":"\#(account)","password":"\#(password)"}"#,
            fields: [.userAgent: agent])
    }

    /// A session by a login that must succeed.
    func signIn(
        _ account: String, password: String = TestShop.password, agent: String = "test"
    ) throws -> SignedIn {
        try SignedIn(login(account, password: password, agent: agent))
    }

    /// The answer to a refresh.
    func refresh(_ token: String) throws -> Response {
        try send(.post, "/customers/refresh", #"{"refresh_token":"\#(token)"}"#)
    }

    /// Sends with the access token of one session among several.
    func send(
        _ method: HTTPRequest.Method, _ target: String, with session: SignedIn,
        _ body: String? = nil
    ) throws -> Response {
        try send(method, target, body, fields: session.fields)
    }

    /// The status of a request to whoever's account it is: 200, or 401 once the session has ended.
    func status(of session: SignedIn, _ account: String) throws -> Int {
        try send(.get, "/customers/\(account)", with: session).status.code
    }

    /// Opens an account of its own by registration.
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
    /// The stable code of a problem, or nil.
    var code: String? { get throws { try json["code"]?.text } }

    /// A field by a name that has no constant.
    func field(_ name: String) -> String? { HTTPField.Name(name).flatMap { fields[$0] } }
}
