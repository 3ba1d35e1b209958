import Outbox
import Service
import TestShop
import Testing
import Values

@testable import Payments

/// Payment pages that Stripe makes late, and orders that wait for them.
@Suite struct LateStartTests {
    private func time(_ value: JSON?) throws -> Instant {
        try #require(value?.text.flatMap(Instant.init(rfc3339:)))
    }

    private func order(in till: Till) throws -> JSON {
        try Scenario.Step(.get, "/sales/1", as: "sami").succeeds(in: till.shop).json
    }

    /// Status of the order and of its payment.
    private func state(in till: Till) throws -> String {
        let order = try order(in: till)
        let payment = order["payments"]?[0]?["status"]?.text
        return "\(order["status"]?.text ?? "") \(payment ?? "")"
    }

    /// An order, and its first attempts a minute apart, each of which fails.
    private func ordered(failing failures: [String]) throws -> Till {
        let till = try Till()
        try OrderPaymentTests.order().succeeds(in: till.shop)
        try till.stripe.fail(next: failures.joined(separator: ","))
        for _ in failures {
            try till.work()
            till.shop.clock.pass(seconds: 61)
        }
        till.shop.forgetTokens()
        return till
    }

    /// The order waits for at least a minute after the end of the page that Stripe shows.
    private func expectHold(_ session: String, in till: Till) throws {
        let order = try order(in: till)
        let end = try time(order["payments"]?[0]?["expires_at"])
        #expect(try time(order["hold_until"]) >= end.adding(seconds: 60))
        let page = try till.stripe.session(session)["expires_at"]
        #expect(page == .integer(end.milliseconds / 1000))
    }

    /// The buyer pays in the last second of the page, and the message takes half a minute.
    @Test func anOrderWaitsForItsPage() throws {
        let till = try ordered(failing: [])
        try till.work()
        try expectHold("cs_test_1", in: till)
        let end = try time(order(in: till)["payments"]?[0]?["expires_at"])
        let left = (end.milliseconds - till.shop.clock.now.milliseconds) / 1000
        #expect(left >= 30 * 60)
        till.shop.clock.pass(seconds: left - 1 + 30)
        try till.shop.expireOrders()
        till.shop.forgetTokens()
        try till.deliver(till.stripe.pay("cs_test_1"))
        #expect(try state(in: till) == "paid captured")
        #expect(try till.shop.breaches() == [])
    }

    @Test(arguments: [(60, 60), (1799, 1799), (1800, 2160), (2159, 2160), (7200, 7200)])
    func aShortHoldIsKept(setting: Int64, seconds: Int64) {
        let now = Instant(milliseconds: 5000)
        let options = PaymentOptions(cardHoldSeconds: setting)
        #expect(options.holdEnd(of: .card, at: now) == now.adding(seconds: seconds))
        #expect(options.holdEnd(of: .test, at: now) == now.adding(seconds: setting))
    }

    /// The page of the second attempt ends later, and so does the hold.
    @Test func aSecondPaymentProlongsTheHold() throws {
        let till = try ordered(failing: [])
        till.shop.clock.pass(seconds: 1700)
        till.shop.forgetTokens()
        let again = try Scenario.Step(
            .post, "/sales/1/payments", as: "ben",
            #"{"method":"card","return_url":"https://shop.example"}"#
        ).succeeds(in: till.shop).json
        let hold = try time(order(in: till)["hold_until"])
        #expect(try hold >= time(again["expires_at"]).adding(seconds: 60))
    }

    @Test(arguments: [1, 5, 20]) func anOutageEndsNoOrder(minutes: Int) throws {
        let till = try ordered(failing: .init(repeating: "500", count: minutes))
        try till.work()
        #expect(try state(in: till) == "pending pending")
        #expect(try order(in: till)["payments"]?[0]?["url"] != .null)
        try expectHold("cs_test_1", in: till)
        try till.deliver(till.stripe.pay("cs_test_1"))
        #expect(try state(in: till) == "paid captured")
        #expect(try till.shop.breaches() == [])
    }

    /// An order holds its units for an hour and the life of a page at most.
    @Test func anOutageOfAnHourEndsThePayment() throws {
        let till = try ordered(failing: .init(repeating: "500", count: 65))
        #expect(try state(in: till) == "pending failed")
        #expect(try till.stripe.counts()["sessions"] == .integer(0))
        till.shop.clock.pass(seconds: 2160)
        try till.shop.expireOrders()
        till.shop.forgetTokens()
        #expect(try state(in: till) == "cancelled failed")
        #expect(try till.shop.breaches() == [])
    }

    /// The courier was killed after Stripe's answer.
    @Test func anAttemptSoonAfterMakesNoSecondSession() throws {
        let till = try ordered(failing: [#""drop""#])
        try till.work()
        #expect(try till.stripe.counts()["sessions"] == .integer(1))
        #expect(try state(in: till) == "pending pending")
        try expectHold("cs_test_1", in: till)
    }

    /// Nobody has the address of the first session, whose end does not concern the payment.
    @Test(arguments: ["expired", "async_payment_failed"])
    func theEndOfAForgottenSessionChangesNothing(end: String) throws {
        let till = try ordered(failing: [#""drop""#])
        till.shop.clock.pass(seconds: 300)
        try till.work()
        #expect(try till.stripe.counts()["sessions"] == .integer(2))
        try expectHold("cs_test_2", in: till)
        let ended = try till.stripe.event("checkout.session.\(end)", #""session":"cs_test_1""#)
        #expect(try till.deliver(ended) == "applied")
        #expect(try state(in: till) == "pending pending")
        try till.deliver(till.stripe.pay("cs_test_2"))
        #expect(try state(in: till) == "paid captured")
        #expect(try till.shop.breaches() == [])
    }

    /// The courier has not cancelled the order yet.
    @Test func anOrderWhoseHoldIsOverGetsNoPage() throws {
        let till = try ordered(failing: ["500"])
        till.shop.clock.pass(seconds: holdSeconds)
        till.shop.forgetTokens()
        try till.work()
        #expect(try state(in: till) == "pending expired")
        #expect(try till.stripe.counts()["sessions"] == .integer(0))
        #expect(try till.shop.breaches() == [])
    }

    @Test func aTopUpGetsALaterPage() throws {
        let till = try Till()
        try till.stripe.fail(next: "500")
        try till.topUp()
        till.shop.clock.pass(seconds: 50 * 60)
        till.shop.forgetTokens()
        try till.work()
        #expect(try till.payment()["url"] != .null)
        try till.deliver(till.stripe.pay("cs_test_1"))
        #expect(try till.books() == "captured 5000 0 5000")
    }
}
