import HTTP
import TestShop
import Testing

@Suite struct GetCustomerTests {
    static let rows = [
        Scenario(
            "one's own account", .init(.get, "/customers/ada", as: "ada"), gives: 200,
            shows:
                #"""
                {"id":1,"username":"ada","full_name":"Customer ada","age":null,\#
                "address":null,"gender":null,"marital_status":null,"role":"customer",\#
                "status":"active","created_at":"1970-01-01T00:00:00.000Z",\#
                "updated_at":"1970-01-01T00:00:00.000Z"}
                """#
        ),
        Scenario(
            "an admin's own account", .init(.get, "/customers/adil", as: "adil"), gives: 200,
            shows: #"{"username":"adil","role":"admin"}"#),
        Scenario(
            "any customer, by staff", .init(.get, "/customers/adil", as: "sami"), gives: 200,
            shows: #"{"username":"adil"}"#),
        Scenario(
            "another customer", .init(.get, "/customers/ben", as: "ada"), gives: 404,
            code: "customer_not_found"),
        Scenario(
            "by a moderator", .init(.get, "/customers/ben", as: "mona"), gives: 404,
            code: "customer_not_found"),
        Scenario(
            "an unknown customer, by staff", .init(.get, "/customers/nobody", as: "sami"),
            gives: 404, code: "customer_not_found"),
        Scenario(
            "another spelling", .init(.get, "/customers/ADA", as: "ada"), gives: 404,
            code: "customer_not_found"),
        Scenario(
            "without a token", .init(.get, "/customers/ada"), gives: 401, code: "token_missing"),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func showsNeitherSecretNorMoney() throws {
        let response = try TestShop().send(.get, "/customers/ada", as: "adil")
        guard case .object(let members) = try response.json else {
            throw TestFailure(description: response.text)
        }
        #expect(
            members.map(\.name) == [
                "id", "username", "guest", "full_name", "email", "email_verified",
                "pending_email", "age", "address", "gender", "marital_status", "role", "status",
                "created_at", "updated_at",
            ])
    }
}
