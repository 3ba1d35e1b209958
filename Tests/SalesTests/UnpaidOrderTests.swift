import HTTP
import Storage
import TestShop
import Testing
import Values

@testable import Sales

/// Orders that are paid after they are created, without a payment provider.
@Suite struct UnpaidOrderTests {
    static func order(
        _ payment: String, quantity: Int = 2, as account: String = "ada", more: String = "",
        query: String = ""
    ) -> Scenario.Step {
        .init(
            .post, "/sales\(query)", as: account,
            #"{"items":[{"product_id":2,"quantity":\#(quantity)}],\#(more)"payment":\#(payment)}"#)
    }

    static let transfer = order(#"{"method":"bank_transfer"}"#)

    static func book(
        _ amount: Int, of order: Int = 1, _ method: String = "bank_transfer",
        as account: String = "sami"
    ) -> Scenario.Step {
        .init(
            .post, "/sales/\(order)/payments", as: account,
            #"{"method":"\#(method)","amount":\#(amount),"reference":"statement 7"}"#)
    }

    static func stock(in shop: TestShop) throws -> Int64 {
        try shop.value("SELECT stock AS value FROM products WHERE id = 2")
    }

    static func balance(in shop: TestShop, of username: String = "ada") throws -> Int64 {
        try shop.value("SELECT balance AS value FROM customers WHERE username = \(username)")
    }

    @Test func holdsItsUnitsAndWaitsForTheMoney() throws {
        let shop = try TestShop()
        let (stock, balance) = (try Self.stock(in: shop), try Self.balance(in: shop))
        try Scenario(
            "", Self.transfer, gives: 201,
            shows: #"""
                {"status":"pending","payment_status":"unpaid","payment_method":"bank_transfer",\#
                "total":8000,"due":8000,"gift_card_amount":0,"payments":[],\#
                "timeline":[{"status":"pending","amount":0,"actor":"ada"}]}
                """#
        ).play(in: shop)
        let order = try Scenario.Step(.get, "/sales/1", as: "ada").succeeds(in: shop).json
        let created = try #require(order["created_at"]?.text.flatMap(Instant.init(rfc3339:)))
        #expect(order["hold_until"] == .string(created.adding(seconds: 604_800).rfc3339))
        #expect(try Self.stock(in: shop) == stock - 2)
        #expect(try Self.balance(in: shop) == balance)
        #expect(try shop.eventTypes(of: ["order", "payment"]) == ["order.created"])
        try Scenario(
            "", .init(.post, "/sales/1/ship", as: "sami"), gives: 409, code: "invalid_transition"
        ).play(in: shop)
    }

    @Test func isPaidOnceAllMoneyHasCome() throws {
        let shop = try TestShop()
        try Self.transfer.succeeds(in: shop)
        let balance = try Self.balance(in: shop)
        try Scenario(
            "", Self.book(3000), gives: 201,
            shows: #"""
                {"method":"bank_transfer","provider":"manual","status":"captured","amount":3000,\#
                "captured":3000,"reference":"statement 7","order_id":1,\#
                "events":[{"type":"manual.booked","amount":3000}]}
                """#
        ).play(in: shop)
        try Scenario(
            "", .init(.get, "/sales/1", as: "ada"), gives: 200,
            shows: #"{"status":"pending","due":5000,"payments":[{"amount":3000}]}"#
        ).play(in: shop)
        shop.clock.pass(seconds: 100)
        try Scenario("", Self.book(5700, "cash"), gives: 201).play(in: shop)
        try Scenario(
            "", .init(.get, "/sales/1", as: "ada"), gives: 200,
            shows: #"""
                {"status":"paid","payment_status":"paid","due":0,"hold_until":null,\#
                "timeline":[{"status":"pending"},{"status":"paid","amount":8000,"actor":"sami"}]}
                """#
        ).play(in: shop)
        // The rest stays in the wallet.
        #expect(try Self.balance(in: shop) == balance + 700)
        #expect(
            try shop.eventTypes(of: ["order", "payment"]) == [
                "order.created", "payment.captured", "payment.captured", "order.paid",
            ])
        let list = try Scenario.Step(.get, "/sales/1/payments", as: "ada").succeeds(in: shop).json
        #expect(list["data"]?[1]?["method"] == "cash")
    }

    @Test func countsInTheReportsOfTheDayOfItsPayment() throws {
        let shop = try TestShop()
        try Self.transfer.succeeds(in: shop)
        func daily() throws -> JSON? {
            try Scenario.Step(
                .get, "/sales/reports/daily?from=2026-01-01&to=2026-12-31", as: "sami"
            ).succeeds(in: shop).json["data"]
        }
        #expect(try daily()?[0] == nil)
        shop.clock.pass(seconds: 3 * 86_400)
        shop.forgetTokens()
        try Self.book(8000).succeeds(in: shop)
        #expect(try daily()?[0]?["gross"] == 8000)
        #expect(try daily()?[1] == nil)
        #expect(try shop.breaches() == [])
    }

    @Test func expiresAndGivesItsUnitsBack() throws {
        let shop = try TestShop()
        let (stock, balance) = (try Self.stock(in: shop), try Self.balance(in: shop))
        try Self.transfer.succeeds(in: shop)
        shop.clock.pass(seconds: 604_799)
        #expect(try !shop.expireOrders())
        #expect(try Self.stock(in: shop) == stock - 2)
        shop.clock.pass(seconds: 1)
        try shop.expireOrders()
        try shop.expireOrders()
        shop.forgetTokens()
        try Scenario(
            "", .init(.get, "/sales/1", as: "ada"), gives: 200,
            shows: #"""
                {"status":"cancelled","payment_status":"unpaid","due":0,"hold_until":null,\#
                "timeline":[{"status":"pending"},{"status":"cancelled","actor":null,\#
                "reason":"The payment did not arrive in time."}]}
                """#
        ).play(in: shop)
        #expect(try Self.stock(in: shop) == stock)
        #expect(
            try shop.eventTypes(of: ["order", "payment"]) == ["order.created", "order.expired"])
        // Money that comes later stays in the wallet.
        try Self.book(8000).succeeds(in: shop)
        #expect(try Self.balance(in: shop) == balance + 8000)
        #expect(try shop.breaches() == [])
        try Scenario(
            "", .init(.post, "/sales/1/cancel", as: "ada"), gives: 409, code: "invalid_transition"
        ).play(in: shop)
    }

    @Test func anExpiredHoldIsGoneBeforeTheCourierCancelsIt() throws {
        let shop = try TestShop()
        try Self.transfer.succeeds(in: shop)
        shop.clock.pass(seconds: 604_800)
        shop.forgetTokens()
        try Self.book(8000).succeeds(in: shop)
        try Scenario(
            "", .init(.get, "/sales/1", as: "ada"), gives: 200, shows: #"{"status":"pending"}"#
        ).play(in: shop)
    }

    /// The cancellation meets an order that the courier is about to cancel.
    @Test(arguments: ["ada", "sami"])
    func aCancellationOfAnExpiredHoldExpiresTheOrder(account: String) throws {
        let shop = try TestShop()
        let stock = try Self.stock(in: shop)
        try Self.transfer.succeeds(in: shop)
        shop.clock.pass(seconds: 604_800)
        shop.forgetTokens()
        try Scenario(
            "", .init(.post, "/sales/1/cancel", as: account), gives: 200,
            shows: #"""
                {"status":"cancelled","payment_status":"unpaid","timeline":[{"status":"pending"},\#
                {"status":"cancelled","actor":null,"reason":"The payment did not arrive in time."}]}
                """#
        ).play(in: shop)
        #expect(try Self.stock(in: shop) == stock)
        #expect(
            try shop.eventTypes(of: ["order", "payment"]) == ["order.created", "order.expired"])
    }

    @Test func theBuyerCancels() throws {
        let shop = try TestShop()
        let (stock, balance) = (try Self.stock(in: shop), try Self.balance(in: shop))
        try Self.transfer.succeeds(in: shop)
        try Scenario(
            "", .init(.post, "/sales/1/cancel", as: "ada"), gives: 200,
            shows: #"{"status":"cancelled","payment_status":"unpaid","refunded":0,"due":0}"#
        ).play(in: shop)
        #expect(try Self.stock(in: shop) == stock)
        #expect(try Self.balance(in: shop) == balance)
    }

    @Test func refundsGoBackByHandOrIntoTheWallet() throws {
        let shop = try TestShop()
        try Self.transfer.succeeds(in: shop)
        try Self.book(8000).succeeds(in: shop)
        let balance = try Self.balance(in: shop)
        func refund(_ target: String) -> Scenario.Step {
            .init(
                .post, "/sales/1/refund", as: "sami",
                #"""
                {"items":[{"product_id":2,"quantity":1}],"restock":true,"reason":"broken",\#
                "to":"\#(target)"}
                """#)
        }
        try Scenario("", refund("wallet"), gives: 200, shows: #"{"refunded":4000}"#).play(in: shop)
        #expect(try Self.balance(in: shop) == balance + 4000)
        try Scenario(
            "", refund("source"), gives: 200,
            shows: #"{"status":"refunded","payments":[{"captured":8000,"refunded":4000}]}"#
        ).play(in: shop)
        #expect(try Self.balance(in: shop) == balance + 4000)
        try Scenario(
            "", refund("nowhere"), gives: 422, shows: #"{"errors":[{"field":"to"}]}"#
        ).play(in: shop)
    }

    /// The stock of one product is at its limit.
    @Test func anOrderThatCannotExpireDelaysNoOther() throws {
        let shop = try TestShop()
        try Self.transfer.succeeds(in: shop)
        try Scenario.Step(
            .post, "/sales", as: "ben",
            #"{"items":[{"product_id":1,"quantity":1}],"payment":{"method":"bank_transfer"}}"#
        ).succeeds(in: shop)
        func change(_ delta: Int64) throws {
            try Scenario.Step(
                .post, "/inventory/2/stock", as: "sami", #"{"delta":\#(delta),"reason":"x"}"#
            ).succeeds(in: shop)
        }
        try change(1_000_000_000 - Self.stock(in: shop))
        shop.clock.pass(seconds: 604_800)
        shop.forgetTokens()
        func states() throws -> [String] {
            try shop.store.read { tx in
                try tx.all("SELECT status FROM orders ORDER BY id") { try $0["status"] }
            }
        }
        #expect(throws: Problem.self) { try shop.expireOrders() }
        #expect(try states() == ["pending", "cancelled"])
        try change(-2)
        try shop.expireOrders()
        #expect(try states() == ["cancelled", "cancelled"])
        #expect(try shop.breaches() == [])
    }

    @Test func aQuoteHoldsNothing() throws {
        let shop = try TestShop()
        let step = Self.order(#"{"method":"bank_transfer"}"#, query: "?dry_run=true")
        _ = try shop.token(of: "ada")
        let contents = try shop.contents()
        try Scenario("", step, gives: 201, shows: #"{"total":8000,"due":8000}"#).play(in: shop)
        #expect(try shop.contents() == contents)
    }

    @Test(arguments: [
        Scenario(
            "a method that the shop does not offer",
            order(#"{"method":"test","return_url":"https://a.b"}"#),
            gives: 422,
            shows: #"""
                {"errors":[{"field":"payment.method","message":"is not offered by the shop: must \#
                be one of: wallet, card, bank_transfer, cash_on_delivery"}]}
                """#),
        Scenario(
            "cash is no method for orders", order(#"{"method":"cash"}"#), gives: 422,
            shows: #"{"errors":[{"field":"payment.method"}]}"#),
        Scenario(
            "a card needs a page to return to", order(#"{"method":"card"}"#), gives: 422,
            shows: #"{"errors":[{"field":"payment.return_url","message":"is missing"}]}"#),
        Scenario(
            "cash on delivery needs a shipping method that allows it",
            order(#"{"method":"cash_on_delivery"}"#), gives: 409,
            code: "payment_method_not_allowed"),
        Scenario(
            "customers do not book money", after: [transfer], book(1, as: "ada"), gives: 403,
            code: "forbidden"),
        Scenario(
            "others do not see the order", after: [transfer], book(1, as: "ben"), gives: 404,
            code: "order_not_found"),
        Scenario(
            "staff do not book for themselves",
            after: [order(#"{"method":"bank_transfer"}"#, as: "sami")], book(1), gives: 403,
            code: "own_account"),
        Scenario(
            "every fault of a booking is named", after: [transfer],
            .init(.post, "/sales/1/payments", as: "sami", #"{"method":"cash","amount":0}"#),
            gives: 422, shows: #"{"errors":[{"field":"amount"},{"field":"reference"}]}"#),
        Scenario(
            "others see no payments", after: [transfer],
            .init(.get, "/sales/1/payments", as: "ben"), gives: 404, code: "order_not_found"),
        Scenario(
            "a paid order takes no card",
            after: [
                .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":2,"quantity":1}]}"#)
            ],
            .init(
                .post, "/sales/1/payments", as: "ada",
                #"{"method":"card","return_url":"https://a.b"}"#), gives: 409,
            code: "order_not_due"),
    ])
    func rejects(_ scenario: Scenario) throws { try scenario.play() }
}
