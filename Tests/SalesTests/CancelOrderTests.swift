import HTTP
import Storage
import TestShop
import Testing
import Values

@Suite struct CancelOrderTests {
    static let buy = CreateOrderTests.buy(1, 2)
    static let cancel = Scenario.Step(.post, "/sales/1/cancel", as: "ada")
    static let dry = Scenario.Step(.post, "/sales/1/cancel?dry_run=true", as: "ada")

    static let rows =
        [
            Scenario(
                "by its buyer", after: [buy], cancel, gives: 200,
                shows:
                    #"""
                    {"id":1,"username":"ada","status":"cancelled",\#
                    "items":[{"product_id":1,"quantity":2,"refunded_quantity":2}],\#
                    "total":500,"refunded":500,"timeline":[{"status":"paid",\#
                    "amount":500,"reason":null,"actor":"ada"},{"status":"cancelled",\#
                    "amount":500,"reason":null,"actor":"ada",\#
                    "at":"2026-11-18T11:06:40.000Z"}]}
                    """#
            ),
            Scenario(
                "by staff", after: [buy], .init(.post, "/sales/1/cancel", as: "sami"), gives: 200,
                shows:
                    #"{"username":"ada","status":"cancelled","timeline":[{"actor":"ada"},{"actor":"sami"}]}"#
            ),
            Scenario(
                "by an admin", after: [buy], .init(.post, "/sales/1/cancel", as: "adil"),
                gives: 200, shows: #"{"status":"cancelled"}"#),
            Scenario(
                "by another customer", after: [buy], .init(.post, "/sales/1/cancel", as: "ben"),
                gives: 404, code: "order_not_found"),
            Scenario(
                "by a moderator", after: [buy], .init(.post, "/sales/1/cancel", as: "mona"),
                gives: 404, code: "order_not_found"),
            Scenario("an unknown order", cancel, gives: 404, code: "order_not_found"),
            Scenario(
                "an invalid id", .init(.post, "/sales/one/cancel", as: "ada"), gives: 404,
                code: "not_found"),
            Scenario(
                "a second time", after: [buy, cancel], cancel, gives: 409,
                code: "invalid_transition"),
            Scenario(
                "a free order",
                after: [.init(.patch, "/inventory/1", as: "sami", #"{"price":0}"#), buy], cancel,
                gives: 200,
                shows:
                    #"""
                    {"status":"cancelled","total":0,"refunded":0,\#
                    "items":[{"refunded_quantity":2}],"timeline":[{"amount":0},\#
                    {"status":"cancelled","amount":0}]}
                    """#
            ),
            Scenario(
                "an order of an archived product",
                after: [buy, .init(.delete, "/inventory/1", as: "sami")], cancel, gives: 200,
                shows: #"{"status":"cancelled","refunded":500}"#),
            Scenario(
                "refunds the price at the time of the order",
                after: [buy, .init(.patch, "/inventory/1", as: "sami", #"{"price":999}"#)], cancel,
                gives: 200, shows: #"{"refunded":500}"#),
            Scenario(
                "a partly refunded order",
                after: [CreateOrderTests.buy(1, 5), RefundOrderTests.refund([(1, 2)])], cancel,
                gives: 200,
                shows:
                    #"""
                    {"status":"cancelled","total":1250,"refunded":1250,\#
                    "items":[{"quantity":5,"refunded_quantity":5}],\#
                    "timeline":[{"amount":1250},{"status":"refunded","amount":500},\#
                    {"status":"cancelled","amount":750}]}
                    """#
            ),
            Scenario(
                "in a dry run", after: [buy], dry, gives: 200,
                shows: #"{"status":"cancelled","refunded":500}"#, fields: ["Dry-Run": "true"]),
            Scenario(
                "after a dry run", after: [buy, dry], .init(.get, "/sales/1", as: "ada"),
                gives: 200, shows: #"{"status":"paid","refunded":0,"timeline":[{}]}"#),
            Scenario(
                "with a parameter", after: [buy],
                .init(.post, "/sales/1/cancel?force=true", as: "ada"), gives: 422,
                code: "invalid_request", shows: #"{"errors":[{"field":"force"}]}"#),
            Scenario(
                "by POST only", after: [buy], .init(.put, "/sales/1/cancel", as: "ada"), gives: 405,
                code: "method_not_allowed", fields: ["Allow": "POST"]),
        ] + .closed(by: .post, "/sales/1/cancel")

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func givesMoneyAndStockBackWithTheirLedgers() throws {
        let shop = try TestShop()
        let order = #"{"items":[{"product_id":1,"quantity":4},{"product_id":2,"quantity":1}]}"#
        #expect(try shop.send(.post, "/sales", as: "ada", order).status.code == 201)
        _ = try shop.send(.post, "/sales/1/cancel", as: "sami")
        #expect(try shop.send(.get, "/inventory/1").json["stock"] == 10)
        #expect(try shop.send(.get, "/inventory/2").json["stock"] == 3)
        #expect(try shop.send(.get, "/customers/ada/wallet", as: "ada").json["balance"] == 100_000)
        let entry = try shop.send(.get, "/customers/ada/wallet/entries", as: "ada").json["data"]?[0]
        let back = #"{"amount":5000,"balance_after":100000,"kind":"refund","order_id":1}"#
        #expect(try entry?.includes(JSON(parsing: Array(back.utf8))) == true)
        #expect(entry?["actor"] == "sami")
        for (product, delta) in [(1, 4), (2, 1)] as [(Int, Int64)] {
            let moved = try shop.send(.get, "/inventory/\(product)/movements", as: "sami")
            let first = try moved.json["data"]?[0]
            #expect(first?["kind"] == "returned" && first?["order_id"] == 1)
            #expect(first?["delta"] == .integer(delta) && first?["actor"] == "sami")
        }
        let audit = try shop.send(.get, "/customers/audit", as: "adil").json["data"]?[0]
        #expect(audit?["action"] == "cancelled_order" && audit?["actor"] == "sami")
        #expect(try shop.breaches() == [])
    }

    /// Units refunded without restocking are not restocked by a later cancellation.
    @Test func restocksOnlyRemainingUnits() throws {
        let shop = try TestShop()
        _ = try shop.send(CreateOrderTests.buy(1, 5))
        _ = try shop.send(RefundOrderTests.refund([(1, 2)], restock: false))
        _ = try shop.send(CancelOrderTests.cancel)
        #expect(try shop.send(.get, "/inventory/1").json["stock"] == 8)
        #expect(try shop.send(.get, "/customers/ada/wallet", as: "ada").json["balance"] == 100_000)
        #expect(try shop.breaches() == [])
    }

    @Test func cancelsOnceForOneKey() throws {
        let shop = try TestShop()
        _ = try shop.send(CancelOrderTests.buy)
        let first = try shop.send(.post, "/sales/1/cancel", as: "ada", fields: .key("k"))
        let second = try shop.send(.post, "/sales/1/cancel", as: "ada", fields: .key("k"))
        #expect(first.status.code == 200 && !first.isReplay)
        #expect(second.status.code == 200 && second.isReplay && second.body == first.body)
        let other = try shop.send(.post, "/sales/1/cancel", as: "ada", fields: .key("l"))
        #expect(try other.json["code"] == "invalid_transition")
        #expect(try shop.breaches() == [])
    }

    @Test func cancelsOnceFromSixteenThreads() throws {
        let shop = try TestShop()
        try ConcurrencyTests.race(threads: 16, pens: 3, in: shop) { order, thread in
            .init(.post, "/sales/\(order)/cancel", as: thread % 2 == 0 ? "ada" : "sami")
        } check: { responses throws in
            #expect(responses == ["200": 1, "409 invalid_transition": 15])
            #expect(try shop.send(.get, "/inventory/1").json["stock"] == 10)
        }
        #expect(try shop.send(.get, "/customers/ada/wallet", as: "ada").json["balance"] == 100_000)
        #expect(try shop.breaches() == [])
    }

    /// An order is cancelled or shipped, never both.
    @Test func eitherCancelsOrShips() throws {
        let shop = try TestShop()
        try ConcurrencyTests.race(threads: 8, pens: 1, in: shop) { order, thread in
            .init(.post, "/sales/\(order)/\(thread % 2 == 0 ? "ship" : "cancel")", as: "sami")
        } check: {
            #expect($0 == ["200": 1, "409 invalid_transition": 7])
        }
        let shipped: Int64 = try shop.value(
            "SELECT COUNT(*) AS value FROM orders WHERE status = 'shipped'")
        #expect(try shop.send(.get, "/inventory/1").json["stock"] == .integer(10 - shipped))
        #expect(try shop.breaches() == [])
    }

    @Test func rejectsAboveTheMaximumBalance() throws {
        let shop = try TestShop()
        try shop.addCustomers(["rich"], balance: Money.max.minorUnits)
        _ = try shop.send(CreateOrderTests.buy(1, 1, as: "rich"))
        _ = try shop.send(.post, "/customers/rich/wallet/credit", as: "sami", #"{"amount":1}"#)
        try Scenario(
            "", .init(.post, "/sales/1/cancel", as: "rich"), gives: 409, code: "wallet_full"
        ).play(in: shop)
        _ = try shop.send(.post, "/customers/rich/wallet/debit", as: "sami", #"{"amount":1}"#)
        try Scenario("", .init(.post, "/sales/1/cancel", as: "rich"), gives: 200).play(in: shop)
    }
}
