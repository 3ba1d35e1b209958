import TestShop
import Testing

/// What logins with a second factor, and its operations, reject.
@Suite struct SecondFactorInputTests {
    private static let target = SecondFactorTests.target
    private static let password = SecondFactorTests.password

    private static func bad(_ name: String, _ body: String, _ field: String) -> Scenario {
        Scenario(
            "rejects \(name)", .init(.post, "/customers/login", body), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"\#(field)"}]}"#)
    }

    private static func body(_ more: String) -> String {
        #"{"username":"ada","password":"correct horse",\#(more)}"#
    }

    static let rows: [Scenario] = [
        bad("a code of 5 digits", body(#""code":"12345""#), "code"),
        bad("a number", body(#""code":123456"#), "code"),
        bad("letters", body(#""code":"12345a""#), "code"),
        bad(
            "a code of 100,000 bytes",
            body(#""code":"\#(String(repeating: "1", count: 100_000))""#), "code"),
        bad(
            "a recovery code of 100,000 bytes",
            body(#""recovery_code":"\#(String(repeating: "a", count: 100_000))""#),
            "recovery_code"),
        bad(
            "both codes", body(#""code":"123456","recovery_code":"a""#), "recovery_code"),
        Scenario(
            "ignores a code without a second factor",
            .init(.post, "/customers/login", body(#""code":"123456""#)), gives: 200),
        Scenario(
            "rejects a wrong password",
            .init(.post, target, as: "ada", #"{"current_password":"wrong"}"#), gives: 403,
            code: "invalid_credentials"),
        Scenario(
            "hides the account from another customer",
            .init(.post, target, as: "ben", "{\(password)}"), gives: 404,
            code: "customer_not_found"),
        Scenario(
            "rejects an admin", .init(.post, target, as: "adil", "{\(password)}"), gives: 403,
            code: "forbidden"),
        Scenario(
            "reports a missing enrolment",
            .init(.post, "\(target)/confirm", as: "ada", #"{"code":"123456"}"#), gives: 404,
            code: "totp_not_found"),
        Scenario(
            "reports a missing second factor",
            .init(.delete, target, as: "ada", "{\(password),\"code\":\"123456\"}"), gives: 404,
            code: "totp_not_found"),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }
}
