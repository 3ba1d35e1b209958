import TestShop
import Testing

@Suite struct SellTests {
    // swift-format-ignore
    static let rows = [
        Scenario("sells one line",
            .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":2}]}"#), gives: 201,
            shows: #"{"username":"ada","status":"paid","total":500,"refunded":0,"currency":"USD","items":[{"product_id":1,"name":"pen","unit_price":250,"quantity":2}],"timeline":[{"status":"paid"}]}"#,
            fields: ["Location": "/sales/1"]),
        Scenario("sells many lines",
            .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":2,"quantity":1},{"product_id":1,"quantity":3}],"expected_total":4750}"#), gives: 201,
            shows: #"{"total":4750}"#),
        Scenario("refuses who has not logged in",
            .init(.post, "/sales", #"{"items":[{"product_id":1,"quantity":1}]}"#), gives: 401, code: "token_missing"),
        Scenario("names every line of a product that is not there",
            .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":8,"quantity":1},{"product_id":1,"quantity":1},{"product_id":9,"quantity":1}]}"#), gives: 404, code: "product_not_found",
            shows: #"{"errors":[{"field":"items[0].product_id"},{"field":"items[2].product_id"}]}"#),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }
}
