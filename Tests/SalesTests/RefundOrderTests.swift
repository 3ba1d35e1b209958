import HTTP
import TestShop
import Testing

@Suite struct RefundOrderTests {
    /// A refund of order 1: of these units, or of everything that is left.
    static func refund(
        _ items: [(product: Int, quantity: Int64)]? = nil, restock: Bool = true, order: Int = 1,
        query: String = ""
    ) -> Scenario.Step {
        let lines = items?.map { #"{"product_id":\#($0.product),"quantity":\#($0.quantity)}"# }
        let list = lines.map { #""items":[\#($0.joined(separator: ","))],"# } ?? ""
        return .init(
            .post, "/sales/\(order)/refund\(query)", as: "sami",
            #"{\#(list)"restock":\#(restock),"reason":"broken"}"#)
    }

    static let buy = CreateOrderTests.buy(1, 4)
    /// An order of four pens and a lamp.
    static let buyBoth = Scenario.Step(
        .post, "/sales", as: "ada",
        #"{"items":[{"product_id":1,"quantity":4},{"product_id":2,"quantity":1}]}"#)
    static let free = Scenario.Step(.patch, "/inventory/1", as: "sami", #"{"price":0}"#)
    static let archive = Scenario.Step(.delete, "/inventory/1", as: "sami")

    static let rows = [
        Scenario(
            "all of it", after: [buyBoth], refund(), gives: 200,
            shows:
                #"""
                {"status":"refunded","total":5000,"refunded":5000,\#
                "items":[{"product_id":1,"quantity":4,"refunded_quantity":4},\#
                {"product_id":2,"refunded_quantity":1}],"timeline":[{"status":"paid",\#
                "amount":5000},{"status":"refunded","amount":5000,"reason":"broken",\#
                "actor":"sami","at":"2026-11-18T11:06:40.000Z"}]}
                """#
        ),
        Scenario(
            "all of it, with items that are null", after: [buy],
            .init(
                .post, "/sales/1/refund", as: "sami",
                #"{"items":null,"restock":true,"reason":"broken"}"#), gives: 200,
            shows: #"{"status":"refunded"}"#),
        Scenario(
            "one unit", after: [buyBoth], refund([(1, 1)]), gives: 200,
            shows:
                #"{"status":"paid","refunded":250,"items":[{"refunded_quantity":1},{"refunded_quantity":0}]}"#
        ),
        Scenario(
            "lines in any order", after: [buyBoth], refund([(2, 1), (1, 3)]), gives: 200,
            shows:
                #"{"status":"paid","refunded":4750,"items":[{"refunded_quantity":3},{"refunded_quantity":1}]}"#
        ),
        Scenario(
            "the last unit", after: [buy, refund([(1, 3)])], refund([(1, 1)]), gives: 200,
            shows:
                #"""
                {"status":"refunded","refunded":1000,"timeline":[{},{"amount":750},\#
                {"status":"refunded","amount":250}]}
                """#
        ),
        Scenario(
            "what is left", after: [buyBoth, refund([(1, 3)])], refund(), gives: 200,
            shows:
                #"{"status":"refunded","refunded":5000,"timeline":[{},{"amount":750},{"amount":4250}]}"#
        ),
        Scenario(
            "a shipped order", after: [buy, AdvanceOrderTests.step("ship")], refund([(1, 1)]),
            gives: 200, shows: #"{"status":"shipped","refunded":250}"#),
        Scenario(
            "all of a delivered order",
            after: [buy, AdvanceOrderTests.step("ship"), AdvanceOrderTests.step("deliver")],
            refund(), gives: 200, shows: #"{"status":"refunded","refunded":1000}"#),
        Scenario(
            "at the price at the time of the order",
            after: [buy, .init(.patch, "/inventory/1", as: "sami", #"{"price":999}"#)],
            refund([(1, 1)]), gives: 200, shows: #"{"refunded":250}"#),
        Scenario(
            "a free order", after: [free, buy], refund(), gives: 200,
            shows:
                #"""
                {"status":"refunded","total":0,"refunded":0,\#
                "items":[{"refunded_quantity":4}],"timeline":[{},{"amount":0}]}
                """#
        ),
        Scenario(
            "a part of a free order", after: [free, buy], refund([(1, 3)]), gives: 200,
            shows: #"{"status":"paid","refunded":0,"items":[{"refunded_quantity":3}]}"#),
        Scenario(
            "of an archived product, with restocking", after: [buy, archive], refund(), gives: 200,
            shows: #"{"status":"refunded","refunded":1000}"#),
        Scenario(
            "of an archived product, without restocking", after: [buy, archive],
            refund(restock: false), gives: 200, shows: #"{"status":"refunded"}"#),
        Scenario(
            "in a dry run", after: [buy], refund(query: "?dry_run=true"), gives: 200,
            shows: #"{"status":"refunded"}"#, fields: ["Dry-Run": "true"]),
        Scenario(
            "after a dry run", after: [buy, refund(query: "?dry_run=true")],
            .init(.get, "/sales/1", as: "ada"), gives: 200,
            shows: #"{"status":"paid","refunded":0,"timeline":[{}]}"#),
        Scenario(
            "by an admin", after: [buy],
            .init(.post, "/sales/1/refund", as: "adil", #"{"restock":true,"reason":"r"}"#),
            gives: 200),
    ]

    static let refusals =
        [
            Scenario(
                "more units than were bought", after: [buy], refund([(1, 5)]), gives: 409,
                code: "refund_exceeds_paid", shows: #"{"errors":[{"field":"items[0].quantity"}]}"#),
            Scenario(
                "more units than are left", after: [buy, refund([(1, 2)])], refund([(1, 3)]),
                gives: 409, code: "refund_exceeds_paid",
                shows: #"{"errors":[{"field":"items[0].quantity"}]}"#),
            Scenario(
                "a fully refunded line and a valid one", after: [buyBoth, refund([(2, 1)])],
                refund([(1, 1), (2, 1)]), gives: 409, code: "refund_exceeds_paid",
                shows: #"{"errors":[{"field":"items[1].quantity"}]}"#),
            Scenario(
                "lists every invalid line", after: [buyBoth], refund([(2, 2), (1, 4), (3, 1)]),
                gives: 409, code: "refund_exceeds_paid",
                shows: #"{"errors":[{"field":"items[0].quantity"},{"field":"items[2].quantity"}]}"#),
            Scenario(
                "a product of another order", after: [buy, CreateOrderTests.buy(2, 1)],
                refund([(2, 1)]), gives: 409, code: "refund_exceeds_paid"),
            Scenario(
                "a fully refunded order", after: [buy, refund()], refund(), gives: 409,
                code: "refund_exceeds_paid"),
            Scenario(
                "a cancelled order", after: [buy, AdvanceOrderTests.step("cancel")], refund(),
                gives: 409, code: "refund_exceeds_paid"),
            Scenario(
                "a unit of a cancelled order", after: [buy, AdvanceOrderTests.step("cancel")],
                refund([(1, 1)]), gives: 409, code: "refund_exceeds_paid"),
            Scenario(
                "a fully refunded free order", after: [free, buy, refund()], refund(), gives: 409,
                code: "refund_exceeds_paid"),
            Scenario("an unknown order", refund(), gives: 404, code: "order_not_found"),
            Scenario(
                "an invalid id",
                .init(.post, "/sales/x/refund", as: "sami", #"{"restock":true,"reason":"r"}"#),
                gives: 404, code: "not_found"),
            Scenario(
                "an empty object", after: [buy], .init(.post, "/sales/1/refund", as: "sami", "{}"),
                gives: 422, code: "invalid_request",
                shows: #"{"errors":[{"field":"restock"},{"field":"reason"}]}"#),
            Scenario(
                "every fault at once", after: [buy],
                .init(
                    .post, "/sales/1/refund", as: "sami",
                    #"""
                    {"items":[{"product_id":0},{"product_id":1,"quantity":1,"price":1}],\#
                    "restock":"yes","reason":"","amount":5}
                    """#
                ), gives: 422, code: "invalid_request",
                shows:
                    #"""
                    {"errors":[{"field":"items[0].product_id"},\#
                    {"field":"items[0].quantity"},{"field":"items[1].price"},\#
                    {"field":"restock"},{"field":"reason"},{"field":"amount"}]}
                    """#
            ),
            Scenario(
                "a product twice", after: [buy], refund([(1, 1), (1, 1)]), gives: 422,
                code: "invalid_request", shows: #"{"errors":[{"field":"items[1].product_id"}]}"#),
            Scenario(
                "no items at all", after: [buy], refund([]), gives: 422, code: "invalid_request",
                shows: #"{"errors":[{"field":"items"}]}"#),
            Scenario(
                "no JSON", after: [buy], .init(.post, "/sales/1/refund", as: "sami", "all"),
                gives: 400, code: "invalid_json"),
            Scenario(
                "no body", after: [buy], .init(.post, "/sales/1/refund", as: "sami"), gives: 415,
                code: "unsupported_media_type"),
            Scenario(
                "another method", .init(.put, "/sales/1/refund", as: "sami", "{}"), gives: 405,
                code: "method_not_allowed", fields: ["Allow": "POST"]),
        ]
        + .closed(
            to: "ada", "ben", "mona", by: .post, "/sales/1/refund",
            #"{"restock":true,"reason":"r"}"#)

    @Test(arguments: rows + refusals) func answers(row: Scenario) throws { try row.play() }

    static let bounds =
        Bound.inside(
            "items", #"[{"product_id":1,"quantity":1}]"#, #"[{"product_id":1,"quantity":4}]"#,
            "null")
        + Bound.outside(
            "items", "[]", "{}", "1",
            "[\((1...101).map { #"{"product_id":\#($0),"quantity":1}"# }.joined(separator: ","))]")
        + Bound.inside("restock", "true", "false")
        + Bound.outside("restock", "null", "1", #""true""#)
        + Bound.inside("reason", Bound.text(1), Bound.text(500))
        + Bound.outside("reason", #""""#, #""  ""#, Bound.text(501), #""a\nb""#, "null", "1")

    @Test func holdsTheBoundsOfEachField() throws {
        let shop = try TestShop()
        _ = try shop.send(RefundOrderTests.buy)
        for bound in RefundOrderTests.bounds {
            var body = ["restock": "true", "reason": #""broken""#]
            body[bound.field] = bound.value
            let text = "{\(body.map { "\"\($0)\":\($1)" }.joined(separator: ","))}"
            let target = "/sales/1/refund?dry_run=true"
            try bound.check(shop.send(.post, target, as: "sami", text))
        }
        for quantity in ["0", "-1", "1000001", "1.5", #""1""#] {
            let body =
                #"{"items":[{"product_id":1,"quantity":\#(quantity)}],"restock":true,"reason":"r"}"#
            let response = try shop.send(.post, "/sales/1/refund", as: "sami", body)
            #expect(try response.faults == ["items[0].quantity"], "\(quantity)")
        }
    }

    @Test(arguments: [true, false]) func movesTheLedgers(restock: Bool) throws {
        let shop = try TestShop()
        _ = try shop.send(RefundOrderTests.buyBoth)
        _ = try shop.send(RefundOrderTests.refund([(1, 3)], restock: restock))
        #expect(try shop.send(.get, "/inventory/1").json["stock"] == (restock ? 9 : 6))
        let wallet = try shop.send(.get, "/customers/ada/wallet/entries", as: "ada").json["data"]
        #expect(wallet?[0]?["kind"] == "refund" && wallet?[0]?["actor"] == "sami")
        #expect(wallet?[0]?["amount"] == 750 && wallet?[0]?["balance_after"] == 95_750)
        #expect(wallet?[0]?["order_id"] == 1)
        let moved = try shop.send(.get, "/inventory/1/movements", as: "sami").json["data"]?[0]
        #expect(moved?["kind"] == (restock ? "returned" : "sold"))
        #expect(moved?["delta"] == (restock ? 3 : -4))
        let audit = try shop.send(.get, "/customers/audit", as: "adil").json["data"]?[0]
        #expect(audit?["action"] == "refunded_order" && audit?["username"] == "ada")
        #expect(try shop.breaches() == [])
    }

    @Test func keepsTheStockOfAnArchivedProductCorrect() throws {
        let shop = try TestShop()
        _ = try shop.send(RefundOrderTests.buy)
        _ = try shop.send(RefundOrderTests.archive)
        _ = try shop.send(RefundOrderTests.refund([(1, 3)]))
        #expect(try shop.value("SELECT stock AS value FROM products WHERE id = 1") as Int64 == 9)
        #expect(try shop.send(.get, "/inventory/1").status.code == 404)
        #expect(try shop.breaches() == [])
    }

    @Test func rejectsAboveTheMaximumStock() throws {
        let shop = try TestShop()
        _ = try shop.send(RefundOrderTests.buy)
        let full = #"{"delta":999999992,"reason":"many"}"#
        #expect(try shop.send(.post, "/inventory/1/stock", as: "sami", full).status.code == 201)
        let late = RefundOrderTests.refund([(1, 3)])
        try Scenario("", late, gives: 409, code: "stock_full").play(in: shop)
        try Scenario("", RefundOrderTests.refund([(1, 2)]), gives: 200).play(in: shop)
        let kept = RefundOrderTests.refund(restock: false)
        try Scenario("", kept, gives: 200, shows: #"{"status":"refunded"}"#).play(in: shop)
    }

    @Test func refundsOnceForOneKey() throws {
        let shop = try TestShop()
        _ = try shop.send(RefundOrderTests.buy)
        let body = #"{"items":[{"product_id":1,"quantity":1}],"restock":true,"reason":"r"}"#
        let first = try shop.send(.post, "/sales/1/refund", as: "sami", body, fields: .key("k"))
        let second = try shop.send(.post, "/sales/1/refund", as: "sami", body, fields: .key("k"))
        #expect(first.status.code == 200 && !first.isReplay)
        #expect(second.status.code == 200 && second.isReplay && second.body == first.body)
        let more = body.replacing("\"quantity\":1", with: "\"quantity\":2")
        let third = try shop.send(.post, "/sales/1/refund", as: "sami", more, fields: .key("k"))
        #expect(try third.json["code"] == "idempotency_key_reused")
        #expect(try shop.send(.get, "/sales/1", as: "ada").json["refunded"] == 250)
    }

    /// The rest can be refunded nevertheless.
    @Test func limitsTheRefundsOfAnOrder() throws {
        let shop = try TestShop()
        try Scenario.Step(
            .post, "/inventory/1/stock", as: "sami", #"{"delta":200,"reason":"more"}"#
        ).succeeds(in: shop)
        try CreateOrderTests.buy(1, 110).succeeds(in: shop)
        for _ in 1...100 { try Self.refund([(1, 1)]).succeeds(in: shop) }
        try Scenario("", Self.refund([(1, 1)]), gives: 409, code: "too_many_refunds").play(in: shop)
        try Scenario(
            "", Self.refund(), gives: 200, shows: #"{"status":"refunded","refunded":27500}"#
        ).play(in: shop)
    }
}
