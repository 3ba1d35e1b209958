public import HTTP
public import HTTPTypes

extension [Scenario] {
    /// What a route answers to those it is not for: nobody, a bad token, and each of `accounts`.
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
    /// Just an `Idempotency-Key`.
    public static func key(_ key: String) -> HTTPFields {
        guard let name = HTTPField.Name("Idempotency-Key") else { return [:] }
        return [name: key]
    }
}

extension Response {
    /// What it says of being the stored answer to an earlier request of the same key, if anything.
    public var replayed: String? {
        HTTPField.Name("Idempotent-Replayed").flatMap { fields[$0] }
    }

    /// Whether it is that.
    public var isReplay: Bool { replayed == "true" }
}
