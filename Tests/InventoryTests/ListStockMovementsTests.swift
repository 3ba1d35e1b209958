import HTTP
import TestShop
import Testing

@Suite struct ListStockMovementsTests {
    static let rows =
        [
            Scenario(
                "newest first, with who and why",
                after: [
                    .init(
                        .post, "/inventory/1/stock", as: "adil", #"{"delta":-3,"reason":"broken"}"#),
                    .init(
                        .post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":2}]}"#),
                ],
                .init(.get, "/inventory/1/movements", as: "sami"), gives: 200,
                shows:
                    #"""
                    {"data":[{"product_id":1,"delta":-2,"stock_after":5,"kind":"sold",\#
                    "reason":null,"order_id":1,"actor":"ada"},{"delta":-3,\#
                    "stock_after":7,"kind":"adjusted","reason":"broken","order_id":null,\#
                    "actor":"adil"},{"delta":10,"stock_after":10,"kind":"received",\#
                    "actor":"sami"}],"next":null}
                    """#
            ),
            Scenario(
                "of this product only",
                after: [
                    .init(
                        .post, "/inventory/2/stock", as: "adil", #"{"delta":-3,"reason":"broken"}"#)
                ],
                .init(.get, "/inventory/1/movements", as: "sami"), gives: 200,
                shows: #"{"data":[{"delta":10}]}"#),
            Scenario(
                "of an unknown product", .init(.get, "/inventory/3/movements", as: "sami"),
                gives: 404, code: "product_not_found"),
            Scenario(
                "in another order", .init(.get, "/inventory/1/movements?sort=delta", as: "sami"),
                gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"sort"}]}"#),
            Scenario(
                "every fault at once",
                .init(.get, "/inventory/1/movements?limit=0&after=x&kind=sold", as: "sami"),
                gives: 422, code: "invalid_request",
                shows: #"{"errors":[{"field":"limit"},{"field":"after"},{"field":"kind"}]}"#),
            Scenario(
                "by another method", .init(.post, "/inventory/1/movements", as: "sami", "{}"),
                gives: 405, code: "method_not_allowed", fields: ["Allow": "GET, HEAD"]),
        ] + .closed(to: "ada", "mona", by: .get, "/inventory/1/movements")

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func pagesThirtyMovements() throws {
        let shop = try TestShop()
        for number in 1...29 {
            let delta = number % 2 == 0 ? -1 : 2
            // Movements of another product are interleaved.
            for product in [1, 2] {
                let body = #"{"delta":\#(delta),"reason":"count \#(number)"}"#
                _ = try shop.send(.post, "/inventory/\(product)/stock", as: "sami", body)
            }
        }
        let found = try shop.walk("/inventory/1/movements", as: "sami", limit: 100)
        let ids = try shop.ids("/inventory/1/movements", as: "sami")
        #expect(found.count == 30 && Set(ids).count == 30)
        #expect(ids == ids.sorted(by: >))
        #expect(found.allSatisfy { $0["product_id"] == 1 })
        let stock = try shop.send(.get, "/inventory/1").json["stock"]
        #expect(found.first?["stock_after"] == stock)
        #expect(stock == .integer(found.compactMap { $0["delta"]?.integer }.reduce(0, +)))
    }

    @Test func rejectsACursorOfAnotherList() throws {
        let shop = try TestShop()
        let next = try shop.send(.get, "/inventory?limit=1").json["next"]?.text ?? ""
        let response = try shop.send(.get, "/inventory/1/movements?after=\(next)", as: "sami")
        #expect(try response.status.code == 422 && response.faults == ["after"])
    }
}
