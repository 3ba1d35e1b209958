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

    static let rows = [
        Scenario(
            "sells one line",
            .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":2}]}"#),
            gives: 201,
            shows:
                #"""
                {"id":1,"username":"ada","status":"paid","total":500,"refunded":0,\#
                "currency":"USD","items":[{"product_id":1,"name":"pen","unit_price":250,\#
                "quantity":2}],"timeline":[{"status":"paid",\#
                "at":"2026-11-18T11:06:40.000Z"}],\#
                "created_at":"2026-11-18T11:06:40.000Z"}
                """#,
            fields: ["Location": "/sales/1"]),
        Scenario(
            "sells many lines",
            .init(
                .post, "/sales", as: "ada",
                #"{"items":[{"product_id":2,"quantity":1},{"product_id":1,"quantity":3}],"expected_total":4750}"#
            ), gives: 201,
            shows:
                #"""
                {"total":4750,"items":[{"product_id":1,"unit_price":250,"quantity":3},\#
                {"product_id":2,"name":"lamp","unit_price":4000,"quantity":1}]}
                """#
        ),
        Scenario("sells the whole stock", buy(1, 10), gives: 201, shows: #"{"total":2500}"#),
        Scenario(
            "sells for the whole wallet",
            after: [.init(.post, "/customers/ben/wallet/credit", as: "sami", #"{"amount":4250}"#)],
            .init(
                .post, "/sales", as: "ben",
                #"{"items":[{"product_id":2,"quantity":1},{"product_id":1,"quantity":1}]}"#),
            gives: 201, shows: #"{"total":4250}"#),
        Scenario(
            "sells to staff",
            after: [.init(.post, "/customers/sami/wallet/credit", as: "adil", #"{"amount":250}"#)],
            buy(1, 1, as: "sami"), gives: 201, shows: #"{"username":"sami","total":250}"#),
        Scenario(
            "sells a free product to a buyer with an empty wallet",
            after: [.init(.patch, "/inventory/1", as: "sami", #"{"price":0}"#)],
            .init(
                .post, "/sales", as: "ben",
                #"{"items":[{"product_id":1,"quantity":2}],"expected_total":0}"#), gives: 201,
            shows: #"{"total":0,"status":"paid"}"#),
        Scenario(
            "sells at the present price",
            after: [.init(.patch, "/inventory/1", as: "sami", #"{"price":251,"name":"Pen"}"#)],
            buy(1, 1), gives: 201,
            shows: #"{"total":251,"items":[{"name":"Pen","unit_price":251}]}"#),
        Scenario(
            "a dry run says what it would cost",
            .init(
                .post, "/sales?dry_run=true", as: "ada",
                #"{"items":[{"product_id":1,"quantity":2}]}"#), gives: 201,
            shows: #"{"total":500}"#, fields: ["Dry-Run": "true"]),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    static let bounds =
        Bound.inside("items[0].quantity", "1", "1.0", "1000000", "1e6", "100E+4")
        + Bound.outside(
            "items[0].quantity", "0", "-1", "1000001", "1.5", #""1""#, "null", "true",
            "18446744073709551617")
        + Bound.outside(
            "items[0].product_id", "0", "-1", #""1""#, "1.5", "null", "9223372036854775808")
        + Bound.inside("expected_total", "0", "0.0", "0e9", "null")
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
