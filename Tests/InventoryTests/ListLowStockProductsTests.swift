import HTTP
import TestShop
import Testing

@Suite struct ListLowStockProductsTests {
    static let target = "/inventory/low-stock"

    /// The pen, of which there are ten, with another threshold.
    static func threshold(_ value: String) -> Scenario.Step {
        .init(.patch, "/inventory/1", as: "sami", #"{"low_stock":\#(value)}"#)
    }

    static func move(_ delta: Int) -> Scenario.Step {
        .init(.post, "/inventory/1/stock", as: "sami", #"{"delta":\#(delta),"reason":"count"}"#)
    }

    static let sell = Scenario.Step(
        .post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":1}]}"#)
    static let list = Scenario.Step(.get, target, as: "sami")
    static let none = #"{"data":[],"next":null}"#
    static let pen = #"{"data":[{"id":1,"name":"pen"}],"next":null}"#

    static let rows =
        [
            Scenario("without a threshold", list, gives: 200, shows: none),
            Scenario(
                "without a threshold or a piece", after: [move(-10)], list, gives: 200, shows: none),
            Scenario("above the threshold", after: [threshold("9")], list, gives: 200, shows: none),
            Scenario(
                "at the threshold", after: [threshold("10")], list, gives: 200,
                shows: #"{"data":[{"id":1,"stock":10,"low_stock":10}]}"#),
            Scenario("below the threshold", after: [threshold("11")], list, gives: 200, shows: pen),
            Scenario(
                "a threshold of nothing, with pieces", after: [threshold("0")], list, gives: 200,
                shows: none),
            Scenario(
                "a threshold of nothing, with none", after: [threshold("0"), move(-10)], list,
                gives: 200, shows: #"{"data":[{"id":1,"stock":0,"low_stock":0}]}"#),
            Scenario(
                "after an order reaches the threshold", after: [threshold("9"), sell], list,
                gives: 200, shows: pen),
            Scenario(
                "until it is filled up", after: [threshold("10"), move(1)], list, gives: 200,
                shows: none),
            Scenario(
                "until the order is cancelled",
                after: [threshold("9"), sell, .init(.post, "/sales/1/cancel", as: "ada")], list,
                gives: 200, shows: none),
            Scenario(
                "until the threshold is removed", after: [threshold("10"), threshold("null")], list,
                gives: 200, shows: none),
            Scenario(
                "until it is archived",
                after: [threshold("10"), .init(.delete, "/inventory/1", as: "sami")], list,
                gives: 200, shows: none),
            Scenario(
                "not by a dry run",
                after: [
                    .init(.patch, "/inventory/1?dry_run=true", as: "sami", #"{"low_stock":10}"#)
                ], list, gives: 200, shows: none),
            Scenario(
                "created with low stock",
                after: [
                    .init(
                        .post, "/inventory", as: "sami",
                        #"{"name":"ink","category":"c","price":1,"low_stock":0}"#)
                ], list, gives: 200, shows: #"{"data":[{"id":3}]}"#),
            Scenario("to an admin", .init(.get, target, as: "adil"), gives: 200),
            Scenario(
                "every fault", .init(.get, target + "?limit=0&after=x&category=paper", as: "sami"),
                gives: 422, code: "invalid_request",
                shows: #"{"errors":[{"field":"limit"},{"field":"after"},{"field":"category"}]}"#),
            Scenario(
                "another method", .init(.delete, target, as: "sami"), gives: 405,
                code: "method_not_allowed", fields: ["Allow": "GET, HEAD"]),
        ] + .closed(to: "ada", "mona", by: .get, target)

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func pagesNewestFirst() throws {
        let shop = try TestShop()
        var low: [Int64] = []
        for number in 0..<40 {
            let (stock, threshold) = (number % 4, number % 3)
            let body = """
                {"name":"p","category":"c","price":1,"stock":\(stock),"low_stock":\(threshold)}
                """
            let id = try shop.send(.post, "/inventory", as: "sami", body).json["id"]?.integer
            if stock <= threshold { low.insert(id ?? 0, at: 0) }
        }
        #expect(try shop.ids(ListLowStockProductsTests.target, as: "sami") == low && low.count > 15)
    }

    @Test func rejectsACursorOfAnotherList() throws {
        let shop = try TestShop()
        let next = try shop.send(.get, "/inventory?limit=1").json["next"]?.text ?? ""
        let response = try shop.send(
            .get, "\(ListLowStockProductsTests.target)?after=\(next)", as: "sami")
        #expect(try response.status.code == 422 && response.faults == ["after"])
    }
}
