import HTTP
import TestShop
import Testing

@Suite struct AdjustStockTests {
    static let full = Scenario.Step(
        .post, "/inventory/1/stock", as: "sami", #"{"delta":999999990,"reason":"all of them"}"#)

    static let rows =
        [
            Scenario(
                "some come in",
                .init(.post, "/inventory/1/stock", as: "sami", #"{"delta":5,"reason":"a box"}"#),
                gives: 201,
                shows:
                    #"""
                    {"product_id":1,"delta":5,"stock_after":15,"kind":"received",\#
                    "reason":"a box","order_id":null,"actor":"sami",\#
                    "created_at":"2026-11-18T11:06:40.000Z"}
                    """#
            ),
            Scenario(
                "all go out",
                .init(.post, "/inventory/1/stock", as: "adil", #"{"delta":-10,"reason":"broken"}"#),
                gives: 201,
                shows: #"{"delta":-10,"stock_after":0,"kind":"adjusted","actor":"adil"}"#),
            Scenario(
                "more than the stock",
                .init(.post, "/inventory/1/stock", as: "sami", #"{"delta":-11,"reason":"broken"}"#),
                gives: 409, code: "insufficient_stock"),
            Scenario(
                "up to the maximum stock",
                full, gives: 201, shows: #"{"stock_after":1000000000}"#),
            Scenario(
                "one more than the maximum stock", after: [full],
                .init(.post, "/inventory/1/stock", as: "sami", #"{"delta":1,"reason":"one more"}"#),
                gives: 409, code: "stock_full"),
            Scenario(
                "none",
                .init(.post, "/inventory/1/stock", as: "sami", #"{"delta":0,"reason":"none"}"#),
                gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"delta"}]}"#),
            Scenario(
                "every fault at once",
                .init(.post, "/inventory/1/stock", as: "sami", #"{"delta":"1","kind":"sold"}"#),
                gives: 422, code: "invalid_request",
                shows: #"{"errors":[{"field":"delta"},{"field":"reason"},{"field":"kind"}]}"#),
            Scenario(
                "an unknown product",
                .init(.post, "/inventory/3/stock", as: "sami", #"{"delta":1,"reason":"a box"}"#),
                gives: 404, code: "product_not_found"),
            Scenario(
                "a dry run",
                .init(
                    .post, "/inventory/1/stock?dry_run=true", as: "sami",
                    #"{"delta":1,"reason":"a box"}"#), gives: 201,
                shows: #"{"stock_after":11}"#, fields: ["Dry-Run": "true"]),
        ]
        + .closed(
            to: "ada", "mona", by: .post, "/inventory/1/stock", #"{"delta":1,"reason":"a box"}"#)

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    /// openapi.yaml gives no bounds; these follow from the maximum stock of 10⁹.
    static let bounds =
        Bound.inside("delta", "1", "-1", "999999990")
        + Bound.outside(
            "delta", "1000000001", "-1000000001", "0.5", "null", "9223372036854775807",
            "-9223372036854775808", "true", "[]")
        + Bound.inside("reason", Bound.text(1), Bound.text(500))
        + Bound.outside("reason", #""""#, Bound.text(501), #""   ""#, #""a\nb""#, "1", "null")

    @Test func holdsTheBoundsOfEachField() throws {
        let shop = try TestShop()
        for bound in AdjustStockTests.bounds {
            let body =
                bound.field == "delta"
                ? #"{"delta":\#(bound.value),"reason":"count"}"#
                : #"{"delta":1,"reason":\#(bound.value)}"#
            let target = "/inventory/1/stock?dry_run=true"
            try bound.check(shop.send(.post, target, as: "sami", body))
        }
    }

    @Test func movesStockOnceForOneKey() throws {
        let shop = try TestShop()
        let body = #"{"delta":5,"reason":"a box"}"#
        let first = try shop.send(
            .post, "/inventory/1/stock", as: "sami", body, fields: .key("k"))
        let second = try shop.send(
            .post, "/inventory/1/stock", as: "sami", body, fields: .key("k"))
        #expect(first.status.code == 201 && second.body == first.body)
        #expect(try shop.send(.get, "/inventory/1").json["stock"] == 15)
        // The same key at another path is another request.
        let other = try shop.send(
            .post, "/inventory/2/stock", as: "sami", body, fields: .key("k"))
        #expect(try other.json["code"] == "idempotency_key_reused")
        // Another caller's keys are separate.
        let admin = try shop.send(
            .post, "/inventory/1/stock", as: "adil", body, fields: .key("k"))
        #expect(try admin.json["stock_after"] == 20)
    }
}
