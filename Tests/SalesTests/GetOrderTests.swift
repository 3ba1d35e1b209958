import HTTP
import TestShop
import Testing

@Suite struct GetOrderTests {
    static let rows =
        [
            Scenario(
                "its buyer", after: [CreateOrderTests.buy(1, 2)],
                .init(.get, "/sales/1", as: "ada"), gives: 200,
                shows:
                    #"""
                    {"id":1,"username":"ada","status":"paid","items":[{"product_id":1,\#
                    "name":"pen","unit_price":250,"quantity":2}],"total":500,\#
                    "refunded":0,"currency":"USD","timeline":[{"status":"paid",\#
                    "at":"2026-11-18T11:06:40.000Z"}],\#
                    "created_at":"2026-11-18T11:06:40.000Z"}
                    """#
            ),
            Scenario(
                "staff", after: [CreateOrderTests.buy(1, 2)], .init(.get, "/sales/1", as: "sami"),
                gives: 200, shows: #"{"username":"ada"}"#),
            Scenario(
                "an admin", after: [CreateOrderTests.buy(1, 2)],
                .init(.get, "/sales/1", as: "adil"), gives: 200, shows: #"{"username":"ada"}"#),
            Scenario(
                "another customer", after: [CreateOrderTests.buy(1, 2)],
                .init(.get, "/sales/1", as: "ben"), gives: 404, code: "order_not_found"),
            Scenario(
                "a moderator", after: [CreateOrderTests.buy(1, 2)],
                .init(.get, "/sales/1", as: "mona"), gives: 404, code: "order_not_found"),
            Scenario(
                "an unknown order", .init(.get, "/sales/1", as: "sami"), gives: 404,
                code: "order_not_found"),
            Scenario(
                "an invalid id", .init(.get, "/sales/0", as: "sami"), gives: 404, code: "not_found"),
            Scenario(
                "an unknown parameter", after: [CreateOrderTests.buy(1, 2)],
                .init(.get, "/sales/1?expand=items", as: "ada"), gives: 422,
                code: "invalid_request", shows: #"{"errors":[{"field":"expand"}]}"#),
            Scenario(
                "another method", after: [CreateOrderTests.buy(1, 2)],
                .init(.patch, "/sales/1", as: "ada", "{}"), gives: 405, code: "method_not_allowed",
                fields: ["Allow": "GET, HEAD"]),
        ] + .closed(by: .get, "/sales/1")

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func returns304ForAMatchingETag() throws {
        let shop = try TestShop()
        _ = try shop.send(CreateOrderTests.buy(1, 2))
        let tag = try shop.send(.get, "/sales/1", as: "ada").fields[.eTag] ?? ""
        let same = try shop.send(.get, "/sales/1", as: "ada", fields: [.ifNoneMatch: tag])
        #expect(same.status.code == 304 && same.body.isEmpty && same.fields[.eTag] == tag)
    }

    /// To other customers, an order looks exactly like one that does not exist.
    @Test func revealsNothingToOtherCustomers() throws {
        let shop = try TestShop()
        _ = try shop.send(CreateOrderTests.buy(1, 2))
        let hidden = try shop.send(.get, "/sales/1", as: "ben")
        let missing = try shop.send(.get, "/sales/2", as: "ben")
        #expect(hidden.body == missing.body)
    }
}
