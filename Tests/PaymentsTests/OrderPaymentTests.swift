import HTTP
import Sales
import Service
import Storage
import TestShop
import Testing
import Values

@testable import Payments

/// The time in seconds for which an order waits for a card payment.
let holdSeconds: Int64 = 36 * 60

/// Orders that are paid by card, with an imitation of Stripe.
@Suite struct OrderPaymentTests {
    static func order(
        _ quantity: Int = 1, as account: String = "ben", method: String = "card"
    ) -> Scenario.Step {
        .init(
            .post, "/sales", as: account,
            #"""
            {"items":[{"product_id":2,"quantity":\#(quantity)}],"payment":{"method":"\#(method)",\#
            "return_url":"https://shop.example/thanks"}}
            """#)
    }

    private func order(_ id: Int64 = 1, in till: Till) throws -> JSON {
        try Scenario.Step(.get, "/sales/\(id)", as: "sami").succeeds(in: till.shop).json
    }

    private func expire(in till: Till) throws {
        till.shop.clock.pass(seconds: holdSeconds)
        try till.shop.expireOrders()
        till.shop.forgetTokens()
    }

    /// Status of order and payment, and the balance.
    private func state(_ id: Int64 = 1, in till: Till) throws -> String {
        let order = try order(id, in: till)
        let members = ["status", "payment_status"].compactMap { order[$0]?.text }
        let payment = order["payments"]?[0]?["status"]?.text ?? "none"
        return (members + [payment, "\(try till.balance())"]).joined(separator: " ")
    }

    private func stock(in till: Till) throws -> Int64 {
        try till.shop.value("SELECT stock AS value FROM products WHERE id = 2")
    }

    @Test func isPaidWhenTheMoneyComes() throws {
        let till = try Till()
        let made = try Self.order().succeeds(in: till.shop).json
        #expect(made["status"] == "pending" && made["due"] == 4000)
        #expect(made["payments"]?[0]?["url"] == .null)
        try till.work()
        let url = try order(in: till)["payments"]?[0]?["url"]
        #expect(url == "https://checkout.stripe.test/c/pay/cs_test_1")
        #expect(try till.deliver(till.stripe.pay("cs_test_1")) == "applied")
        #expect(try state(in: till) == "paid paid captured 0")
        #expect(
            try till.shop.eventTypes(of: ["order", "payment"]) == [
                "order.created", "payment.captured", "order.paid",
            ])
        let entries = try Scenario.Step(.get, "/customers/ben/wallet/entries", as: "ben").succeeds(
            in: till.shop
        ).json["data"]
        #expect(entries?[1]?["kind"] == "paid_in" && entries?[0]?["kind"] == "purchase")
        #expect(entries?[1]?["order_id"] == 1)
        #expect(try till.shop.breaches() == [])
    }

    @Test func theProviderForTestsPaysAtOnce() throws {
        let till = try Till(PaymentOptions(methods: [.wallet, .test]))
        try Self.order(method: "test").succeeds(in: till.shop)
        try till.work()
        #expect(try state(in: till) == "paid paid captured 0")
        #expect(try till.shop.breaches() == [])
    }

    @Test func aRefundGoesBackToTheCard() throws {
        let till = try Till()
        try Self.order(2).succeeds(in: till.shop)
        try till.work()
        try till.deliver(till.stripe.pay("cs_test_1"))
        let one = #""items":[{"product_id":2,"quantity":1}],"#
        try Scenario.Step(
            .post, "/sales/1/refund", as: "sami", #"{\#(one)"restock":true,"reason":"x"}"#
        ).succeeds(in: till.shop)
        try till.work()
        #expect(try till.balance() == 0)
        #expect(try order(in: till)["payments"]?[0]?["refunded"] == 4000)
        try Scenario.Step(
            .post, "/sales/1/refund", as: "sami",
            #"{"to":"wallet","restock":true,"reason":"x"}"#
        ).succeeds(in: till.shop)
        #expect(try till.balance() == 4000)
        #expect(try order(in: till)["status"] == "refunded")
        #expect(try till.stripe.counts()["refunds"] == 1)
        #expect(try till.shop.breaches() == [])
    }

    @Test func aCancelledOrderIsPaidBackToTheCard() throws {
        let till = try Till()
        try Self.order().succeeds(in: till.shop)
        try till.work()
        try till.deliver(till.stripe.pay("cs_test_1"))
        try Scenario.Step(.post, "/sales/1/cancel", as: "ben").succeeds(in: till.shop)
        try till.work()
        #expect(try state(in: till) == "cancelled refunded captured 0")
        #expect(try till.stripe.counts()["refunds"] == 1)
        #expect(try till.shop.breaches() == [])
    }

    @Test func moneyForAnOrderThatIsGoneStaysInTheWallet() throws {
        let till = try Till()
        try Self.order().succeeds(in: till.shop)
        try till.work()
        try expire(in: till)
        #expect(try state(in: till) == "cancelled unpaid expired 0")
        #expect(try stock(in: till) == 3)
        try till.deliver(till.stripe.pay("cs_test_1"))
        #expect(try state(in: till) == "cancelled unpaid captured 4000")
        #expect(try till.shop.breaches() == [])
    }

    @Test func anotherAmountSellsNothing() throws {
        let till = try Till()
        try Self.order().succeeds(in: till.shop)
        try till.work()
        try till.deliver(till.stripe.pay("cs_test_1", #""amount":3999"#))
        #expect(try state(in: till) == "pending unpaid mismatch 3999")
        #expect(try order(in: till)["due"] == 4000)
        #expect(try till.shop.breaches() == [])
    }

    @Test func theBuyerTriesAgain() throws {
        let till = try Till()
        try Self.order().succeeds(in: till.shop)
        try till.work()
        try till.deliver(
            till.stripe.event("checkout.session.expired", #""session":"cs_test_1""#))
        till.shop.clock.pass(seconds: 1700)
        till.shop.forgetTokens()
        let again = Scenario.Step(
            .post, "/sales/1/payments", as: "ben",
            #"{"method":"card","return_url":"https://shop.example"}"#)
        try Scenario("", again, gives: 201, shows: #"{"amount":4000,"order_id":1}"#).play(
            in: till.shop)
        try till.work()
        // The hold begins anew.
        till.shop.clock.pass(seconds: 1700)
        till.shop.forgetTokens()
        try till.deliver(till.stripe.pay("cs_test_2"))
        #expect(try state(in: till) == "paid paid expired 0")
        try Scenario("", again, gives: 409, code: "order_not_due").play(in: till.shop)
    }

    @Test func attemptsAreLimited() throws {
        let till = try Till()
        try Self.order().succeeds(in: till.shop)
        let again = Scenario.Step(
            .post, "/sales/1/payments", as: "ben",
            #"{"method":"card","return_url":"https://shop.example"}"#)
        for _ in 2...10 { try again.succeeds(in: till.shop) }
        try Scenario("", again, gives: 422, code: "quota_exceeded").play(in: till.shop)
    }

    /// Money that is certain days later would come after the end of the hold.
    @Test func stripeOffersOnlyCards() throws {
        let till = try Till()
        try Self.order().succeeds(in: till.shop)
        try till.work()
        let session = try till.stripe.session("cs_test_1")
        #expect(session["payment_method_types"]?.elements.map(\.text) == ["card"])
    }

    /// The first message says that the money is on its way.
    @Test func isPaidByTheSecondMessage() throws {
        let till = try Till()
        try Self.order().succeeds(in: till.shop)
        try till.work()
        try till.deliver(till.stripe.pay("cs_test_1", #""payment_status":"unpaid""#))
        #expect(try state(in: till) == "pending unpaid pending 0")
        let paid = try till.stripe.pay(
            "cs_test_1", #""type":"checkout.session.async_payment_succeeded""#)
        #expect(try till.deliver(paid) == "applied")
        #expect(try state(in: till) == "paid paid captured 0")
        #expect(try till.shop.breaches() == [])
    }

    @Test func everyOrderOfMessagesMakesTheSameBooks() throws {
        func begin(_ till: Till) throws {
            try Self.order().succeeds(in: till.shop)
            try till.work()
        }
        try Till.playInEveryOrder(begin) { till, order in
            let state = try state(in: till)
            #expect(state == "paid paid captured 0", "\(order)")
            #expect(try till.payment()["refunded"] == 1200)
        }
    }

    /// Stripe accepts no page that lasts longer than a day.
    @Test func aCardPaysAnOrderThatWaitsForATransfer() throws {
        let till = try Till()
        try Scenario.Step(
            .post, "/sales", as: "ben",
            #"{"items":[{"product_id":2,"quantity":1}],"payment":{"method":"bank_transfer"}}"#
        ).succeeds(in: till.shop)
        let again = Scenario.Step(
            .post, "/sales/1/payments", as: "ben",
            #"{"method":"card","return_url":"https://shop.example"}"#)
        let payment = try again.succeeds(in: till.shop).json
        let longest = till.shop.clock.now.adding(seconds: 24 * 60 * 60)
        let expiry = try #require(payment["expires_at"]?.text.flatMap(Instant.init(rfc3339:)))
        #expect(expiry < longest)
        let hold = try #require(
            try order(in: till)["hold_until"]?.text.flatMap(Instant.init(rfc3339:)))
        #expect(hold > longest)
        try till.work()
        try till.deliver(till.stripe.pay("cs_test_1"))
        #expect(try state(in: till) == "paid paid captured 0")
    }
}

/// Orders by card, with everything at once.
@Suite struct OrderPaymentsAtOnceTests {
    @Test func oneMessageFiftyTimesPaysOnce() throws {
        let till = try Till()
        try OrderPaymentTests.order().succeeds(in: till.shop)
        try till.work()
        let message = till.message(try till.stripe.pay("cs_test_1"))
        _ = atOnce(50) { _ in till.shop.send(message).status.code }
        let paid = try till.shop.eventTypes(of: ["order"]).filter { $0 == "order.paid" }
        #expect(paid.count == 1)
        #expect(try till.balance() == 0)
        #expect(try till.shop.breaches() == [])
    }

    /// Fifty orders expire, others take their units, and then all hundred are paid.
    @Test func aHundredPaymentsForFiftyUnits() throws {
        let till = try Till()
        let buyers = (1...100).map { "buyer\($0)" }
        try till.shop.addCustomers(buyers, balance: 0)
        try Scenario.Step(
            .post, "/inventory/2/stock", as: "sami", #"{"delta":47,"reason":"received"}"#
        ).succeeds(in: till.shop)
        for half in [buyers[..<50], buyers[50...]] {
            for buyer in half { try OrderPaymentTests.order(as: buyer).succeeds(in: till.shop) }
            try Scenario(
                "", OrderPaymentTests.order(), gives: 409, code: "insufficient_stock"
            ).play(in: till.shop)
            try till.work()
            guard half.startIndex == 0 else { continue }
            till.shop.clock.pass(seconds: holdSeconds)
            while try till.shop.expireOrders() {}
            till.shop.forgetTokens()
        }
        let messages = try (1...100).map { till.message(try till.stripe.pay("cs_test_\($0)")) }
        let codes = atOnce(8) { thread in
            stride(from: thread, to: 100, by: 8).map { till.shop.send(messages[$0]).status.code }
        }
        #expect(codes.joined().allSatisfy { $0 == 200 })
        let paid: Int64 = try till.shop.value(
            "SELECT COUNT(*) AS value FROM orders WHERE payment_status = 'paid'")
        let rich: Int64 = try till.shop.value(
            "SELECT COUNT(*) AS value FROM customers WHERE balance = 4000")
        #expect(paid == 50 && rich == 50)
        #expect(try till.shop.breaches() == [])
    }

    /// An order expires while its payment is booked: it is either paid or cancelled.
    @Test func expiryRacesPayment() throws {
        let till = try Till()
        try Scenario.Step(
            .post, "/inventory/2/stock", as: "sami", #"{"delta":30,"reason":"received"}"#
        ).succeeds(in: till.shop)
        var results: Set<String> = []
        for number in 1...20 {
            try OrderPaymentTests.order().succeeds(in: till.shop)
            try till.work()
            let body = try till.stripe.pay("cs_test_\(number)")
            till.shop.clock.pass(seconds: holdSeconds - 1)
            let message = till.message(body)
            let now = till.shop.clock.now.adding(seconds: number % 2 == 0 ? 0 : 1)
            _ = atOnce(2) { thread in
                if thread == 0 { return till.shop.send(message).status.code }
                return ((try? till.shop.expireOrders(at: now)) ?? false) ? 1 : 0
            }
            let status: String = try till.shop.value(
                "SELECT status AS value FROM orders WHERE id = \(Int64(number))")
            results.insert(status)
            till.shop.forgetTokens()
            #expect(try till.shop.breaches() == [])
        }
        #expect(results.isSubset(of: ["paid", "cancelled"]) && results.contains("paid"))
    }
}
