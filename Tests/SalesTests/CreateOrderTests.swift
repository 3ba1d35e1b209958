import HTTP
import TestShop
import Testing

@Suite struct CreateOrderTests {
    static func buy(_ product: Int, _ quantity: Int, as account: String = "ada") -> Scenario.Step {
        .init(
            .post, "/sales", as: account,
            #"{"items":[{"product_id":\#(product),"quantity":\#(quantity)}]}"#)
    }

    static let rich = Scenario.Step(
        .post, "/customers/ben/wallet/credit", as: "sami", #"{"amount":4749}"#)

    // swift-format-ignore
    static let rows = [
        Scenario("sells one line",
            .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":2}]}"#), gives: 201,
            shows: #"{"id":1,"username":"ada","status":"paid","total":500,"refunded":0,"currency":"USD","items":[{"product_id":1,"name":"pen","unit_price":250,"quantity":2}],"timeline":[{"status":"paid","at":"2026-11-18T11:06:40.000Z"}],"created_at":"2026-11-18T11:06:40.000Z"}"#,
            fields: ["Location": "/sales/1"]),
        Scenario("sells many lines",
            .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":2,"quantity":1},{"product_id":1,"quantity":3}],"expected_total":4750}"#), gives: 201,
            shows: #"{"total":4750,"items":[{"product_id":1,"unit_price":250,"quantity":3},{"product_id":2,"name":"lamp","unit_price":4000,"quantity":1}]}"#),
        Scenario("sells the whole stock", buy(1, 10), gives: 201, shows: #"{"total":2500}"#),
        Scenario("sells for the whole wallet",
            after: [.init(.post, "/customers/ben/wallet/credit", as: "sami", #"{"amount":4250}"#)],
            .init(.post, "/sales", as: "ben", #"{"items":[{"product_id":2,"quantity":1},{"product_id":1,"quantity":1}]}"#), gives: 201, shows: #"{"total":4250}"#),
        Scenario("sells to staff", after: [.init(.post, "/customers/sami/wallet/credit", as: "adil", #"{"amount":250}"#)],
            buy(1, 1, as: "sami"), gives: 201, shows: #"{"username":"sami","total":250}"#),
        Scenario("sells a free product to a buyer with an empty wallet", after: [.init(.patch, "/inventory/1", as: "sami", #"{"price":0}"#)],
            .init(.post, "/sales", as: "ben", #"{"items":[{"product_id":1,"quantity":2}],"expected_total":0}"#), gives: 201, shows: #"{"total":0,"status":"paid"}"#),
        Scenario("sells at the present price", after: [.init(.patch, "/inventory/1", as: "sami", #"{"price":251,"name":"Pen"}"#)],
            buy(1, 1), gives: 201, shows: #"{"total":251,"items":[{"name":"Pen","unit_price":251}]}"#),
        Scenario("a dry run says what it would cost",
            .init(.post, "/sales?dry_run=true", as: "ada", #"{"items":[{"product_id":1,"quantity":2}]}"#), gives: 201, shows: #"{"total":500}"#, fields: ["Dry-Run": "true"]),
    ]

    // swift-format-ignore
    static let refusals = [
        Scenario("lists every line with an unknown product",
            .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":8,"quantity":1},{"product_id":1,"quantity":1},{"product_id":9,"quantity":1}]}"#), gives: 404, code: "product_not_found",
            shows: #"{"errors":[{"field":"items[0].product_id"},{"field":"items[2].product_id"}]}"#),
        Scenario("names an archived product", after: [.init(.delete, "/inventory/2", as: "sami")],
            .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":1},{"product_id":2,"quantity":1}]}"#), gives: 404, code: "product_not_found",
            shows: #"{"errors":[{"field":"items[1].product_id"}]}"#),
        Scenario("reports an unknown product before insufficient stock",
            .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":11},{"product_id":9,"quantity":1}]}"#), gives: 404, code: "product_not_found",
            shows: #"{"errors":[{"field":"items[1].product_id"}]}"#),
        Scenario("one more than the stock", buy(1, 11), gives: 409, code: "insufficient_stock",
            shows: #"{"errors":[{"field":"items[0].quantity"}]}"#),
        Scenario("lists every line with insufficient stock, in the order of the request", after: [.init(.post, "/inventory", as: "sami", #"{"name":"Ink","category":"paper","price":1,"stock":1}"#)],
            .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":3,"quantity":2},{"product_id":1,"quantity":1},{"product_id":2,"quantity":4}]}"#), gives: 409, code: "insufficient_stock",
            shows: #"{"errors":[{"field":"items[0].quantity"},{"field":"items[2].quantity"}]}"#),
        Scenario("an empty wallet", buy(1, 1, as: "ben"), gives: 409, code: "insufficient_funds"),
        // An order that the buyer cannot pay for reveals nothing about the stock.
        Scenario("more than the wallet pays for and more than the stock", buy(1, 11, as: "ben"), gives: 409, code: "insufficient_funds"),
        Scenario("the same, as a dry run", .init(.post, "/sales?dry_run=true", as: "ben", #"{"items":[{"product_id":1,"quantity":11}]}"#), gives: 409, code: "insufficient_funds"),
        Scenario("another total, and more than the stock",
            .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":11}],"expected_total":1}"#), gives: 409, code: "price_changed"),
        Scenario("more than an order may cost, and more than the stock",
            after: [.init(.patch, "/inventory/1", as: "sami", #"{"price":100000000000}"#)],
            buy(1, 10_001), gives: 422, code: "invalid_request"),
        Scenario("one cent too little", after: [rich],
            .init(.post, "/sales", as: "ben", #"{"items":[{"product_id":2,"quantity":1},{"product_id":1,"quantity":3}]}"#), gives: 409, code: "insufficient_funds"),
        Scenario("a total that has risen since the buyer saw it", after: [.init(.patch, "/inventory/1", as: "sami", #"{"price":251}"#)],
            .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":2}],"expected_total":500}"#), gives: 409, code: "price_changed"),
        Scenario("a total that has fallen since the buyer saw it", after: [.init(.patch, "/inventory/1", as: "sami", #"{"price":249}"#)],
            .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":2}],"expected_total":500}"#), gives: 409, code: "price_changed"),
        Scenario("a line that costs more than any wallet can hold", after: [
                .init(.patch, "/inventory/1", as: "sami", #"{"price":100000000000}"#), .init(.post, "/inventory/1/stock", as: "sami", #"{"delta":999990,"reason":"many"}"#)],
            buy(1, 1_000_000), gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"items"}]}"#),
        Scenario("lines that together cost more than any wallet can hold", after: [
                .init(.patch, "/inventory/1", as: "sami", #"{"price":100000000000}"#), .init(.post, "/inventory/1/stock", as: "sami", #"{"delta":9990,"reason":"many"}"#)],
            .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":10000},{"product_id":2,"quantity":1}]}"#), gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"items"}]}"#),
        Scenario("the highest allowed total, which exceeds the balance", after: [
                .init(.patch, "/inventory/1", as: "sami", #"{"price":100000000000}"#), .init(.post, "/inventory/1/stock", as: "sami", #"{"delta":9990,"reason":"many"}"#)],
            buy(1, 10_000), gives: 409, code: "insufficient_funds"),
        Scenario("a product in two lines",
            .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":1},{"product_id":2,"quantity":1},{"product_id":1,"quantity":2},{"product_id":1,"quantity":3}]}"#), gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"items[2].product_id"},{"field":"items[3].product_id"}]}"#),
        Scenario("an invalid line does not duplicate another product",
            .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":"x","quantity":1},{"product_id":1,"quantity":1},{"quantity":1}]}"#), gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"items[0].product_id"},{"field":"items[2].product_id"}]}"#),
        Scenario("a line that is not an object does not shift the others",
            .init(.post, "/sales", as: "ada", #"{"items":[7,{"product_id":1,"quantity":1},{"product_id":1,"quantity":1}]}"#), gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"items[0]"},{"field":"items[2].product_id"}]}"#),
        Scenario("every fault at once",
            .init(.post, "/sales", as: "ada", #"{"items":[{"quantity":0},{"product_id":-1,"quantity":"2","price":0},{"product_id":1}],"expected_total":-1,"username":"ben"}"#), gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"items[0].product_id"},{"field":"items[0].quantity"},{"field":"items[1].product_id"},{"field":"items[1].quantity"},{"field":"items[1].price"},{"field":"items[2].quantity"},{"field":"expected_total"},{"field":"username"}]}"#),
        Scenario("no items", .init(.post, "/sales", as: "ada", "{}"), gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"items"}]}"#),
        Scenario("no JSON", .init(.post, "/sales", as: "ada", "{"), gives: 400, code: "invalid_json"),
        Scenario("no media type", .init(.post, "/sales", as: "ada", "{}", fields: [.contentType: "text/json"]), gives: 415, code: "unsupported_media_type"),
        Scenario("an invalid idempotency key",
            .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":1}]}"#, fields: .key(String(repeating: "k", count: 256))), gives: 422, code: "invalid_request"),
    ] + .closed(by: .post, "/sales", #"{"items":[{"product_id":1,"quantity":1}]}"#)

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }
    @Test(arguments: refusals) func refuses(row: Scenario) throws { try row.play() }

    // swift-format-ignore
    static let bounds =
        Bound.inside ("items[0].quantity", "1", "1.0", "1000000", "1e6", "100E+4")
        + Bound.outside("items[0].quantity", "0", "-1", "1000001", "1.5", #""1""#, "null", "true", "18446744073709551617")
        + Bound.outside("items[0].product_id", "0", "-1", #""1""#, "1.5", "null", "9223372036854775808")
        + Bound.inside ("expected_total", "0", "0.0", "0e9", "null")
        + Bound.outside("expected_total", "-1", "1000000000000001", #""0""#, "0.5")
        + Bound.outside("items", "[]", "{}", "null", #""1""#, lines(101))

    static func lines(_ count: Int) -> String {
        "[\((1...count).map { "{\"product_id\":\($0),\"quantity\":1}" }.joined(separator: ","))]"
    }

    @Test func holdsTheBoundsOfEachField() throws {
        let shop = try TestShop()
        _ = try shop.send(
            .post, "/inventory", as: "sami",
            #"{"name":"air","category":"air","price":0,"stock":1000000}"#)
        for bound in CreateOrderTests.bounds {
            let value = { (field: String, other: String) in
                bound.field == field ? bound.value : other
            }
            let line = """
                [{"product_id":\(value("items[0].product_id", "3")),
                "quantity":\(value("items[0].quantity", "1"))}]
                """
            let total = value("expected_total", "0")
            let body = #"{"items":\#(value("items", line)),"expected_total":\#(total)}"#
            try bound.check(shop.send(.post, "/sales?dry_run=true", as: "ada", body))
        }
        // The largest allowed total is valid, but it is not the present total.
        let most = #"{"items":[{"product_id":3,"quantity":1}],"expected_total":1000000000000000}"#
        #expect(try shop.send(.post, "/sales", as: "ada", most).json["code"] == "price_changed")
    }

    @Test func sellsAHundredLinesAtOnce() throws {
        let shop = try TestShop()
        for number in 3...100 {
            _ = try shop.send(
                .post, "/inventory", as: "sami",
                #"{"name":"p\#(number)","category":"paper","price":\#(number),"stock":1}"#)
        }
        let body = #"{"items":\#(CreateOrderTests.lines(100))}"#
        let sale = try shop.send(.post, "/sales", as: "ada", body)
        #expect(sale.status.code == 201, "\(sale.text)")
        let total = Int64(250 + 4000 + (3...100).reduce(0, +))
        #expect(try sale.json["total"] == .integer(total))
        #expect(try sale.json["items"]?.elements.count == 100)
        #expect(try shop.send(.get, "/sales/1", as: "ada").body == sale.body)
        #expect(try shop.breaches() == [])
        let again = try shop.send(.post, "/sales", as: "ada", body)
        #expect(try again.faults.count == 98 && again.faults.first == "items[2].quantity")
    }
}
