public import HTTP
public import HTTPTypes

extension [Scenario] {
    /// The responses of a route to callers without access: anonymous, with a bad token, and each of
    /// `accounts`.
    public static func closed(
        to accounts: String..., by method: HTTPRequest.Method, _ target: String,
        _ body: String? = nil
    ) -> [Scenario] {
        let challenge = #"Bearer realm="souk""#
        return [
            Scenario(
                "\(method) \(target) without a token", .init(method, target, body), gives: 401,
                code: "token_missing", fields: ["WWW-Authenticate": challenge]),
            Scenario(
                "\(method) \(target) with a bad token",
                .init(method, target, body, fields: [.authorization: "Bearer a.b.c"]), gives: 401,
                code: "token_invalid",
                fields: ["WWW-Authenticate": challenge + #", error="invalid_token""#]),
        ]
            + accounts.map {
                Scenario(
                    "\(method) \(target) as \($0)", .init(method, target, as: $0, body),
                    gives: 403, code: "forbidden")
            }
    }
}

extension HTTPFields {
    /// An `Idempotency-Key` only.
    public static func key(_ key: String) -> HTTPFields {
        guard let name = HTTPField.Name("Idempotency-Key") else { return [:] }
        return [name: key]
    }
}

extension Response {
    /// The value of `Idempotent-Replayed`, or nil.
    public var replayed: String? {
        HTTPField.Name("Idempotent-Replayed").flatMap { fields[$0] }
    }

    /// Whether the response is a replay.
    public var isReplay: Bool { replayed == "true" }
}
