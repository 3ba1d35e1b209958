import HTTP
import Service
import Storage
import TestShop
import Testing

@testable import Payments

/// The same books, however messages arrive and whenever a courier is killed.
@Suite struct PaymentsAtOnceTests {
    @Test func oneMessageFiftyTimesAtOnce() throws {
        let till = try Till()
        try till.topUp()
        let message = till.message(try till.stripe.pay("cs_test_1"))
        let results = atOnce(50) { _ in
            let answer = till.shop.send(message)
            return (try? answer.json["result"]?.text) ?? answer.text
        }
        #expect(results.filter { $0 == "applied" }.count == 1)
        #expect(results.filter { $0 == "duplicate" }.count == 49)
        #expect(try till.books() == "captured 5000 0 5000")
        #expect(try till.eventTypes() == ["payment.captured"])
        #expect(try till.shop.breaches() == [])
    }

    /// Different messages about the same money, at once.
    @Test func twoMessagesAboutTheSameMoneyAtOnce() throws {
        let till = try Till()
        try till.topUp()
        let messages = try [
            till.stripe.pay("cs_test_1"),
            till.stripe.event("checkout.session.completed", #""session":"cs_test_1""#),
            till.stripe.event("checkout.session.expired", #""session":"cs_test_1""#),
        ].map { till.message($0) }
        _ = atOnce(12) { till.shop.send(messages[$0 % 3]).status.code }
        #expect(try till.books() == "captured 5000 0 5000")
        #expect(try till.shop.breaches() == [])
    }

    @Test func everyOrderOfMessagesMakesTheSameBooks() throws {
        let orders = permutations([0, 1, 2])
        #expect(orders.count == 6)
        for order in orders {
            let till = try Till()
            try till.topUp()
            let messages = [
                try till.stripe.pay("cs_test_1"),
                try till.stripe.event("checkout.session.expired", #""session":"cs_test_1""#),
                try till.stripe.event("charge.refunded", #""intent":"pi_1","total":1200"#),
            ]
            for index in order {
                try till.deliver(messages[index])
                try till.deliver(messages[index])
                #expect(try till.shop.breaches() == [])
            }
            #expect(try till.books() == "captured 5000 1200 3800", "\(order)")
        }
    }

    private func permutations(_ items: [Int]) -> [[Int]] {
        guard items.count > 1 else { return [items] }
        return items.flatMap { first in
            permutations(items.filter { $0 != first }).map { [first] + $0 }
        }
    }

    /// A courier is killed after Stripe's answer and before the commit: another one takes over.
    @Test func aKilledCourierMakesOneSessionAndOneRefund() throws {
        let till = try Till()
        try Scenario.Step(
            .post, "/customers/ben/wallet/topups", as: "ben",
            #"{"amount":5000,"return_url":"https://shop.example"}"#
        ).succeeds(in: till.shop)
        try till.killDuringAttempt()
        #expect(try till.payment()["url"] == .null)
        try till.work()
        #expect(try till.payment()["url"] == "https://checkout.stripe.test/c/pay/cs_test_1")
        till.shop.forgetTokens()
        try till.deliver(till.stripe.pay("cs_test_1"))
        try till.refund(2000)
        try till.killDuringAttempt()
        #expect(try till.refunds() == ["shop pending 2000 2000 -"])
        try till.work()
        #expect(try till.refunds() == ["shop succeeded 2000 2000 re_1"])
        #expect(
            try till.stripe.counts()
                == .object([
                    .init(name: "sessions", value: .integer(1)),
                    .init(name: "refunds", value: .integer(1)),
                ]))
        #expect(try till.shop.breaches() == [])
    }

    /// Stripe carries the call out, and the answer does not arrive.
    @Test(arguments: ["500", "429", "401", #""drop""#, #""hang""#])
    func aCallWithoutAnAnswerIsRepeated(failure: String) throws {
        let till = try Till()
        try till.stripe.fail(next: failure)
        #expect(try till.topUp()["url"] == .null)
        till.shop.clock.pass(seconds: 61)
        try till.work()
        #expect(try till.payment()["status"] == "pending")
        #expect(try till.payment()["url"] != .null)
        try till.deliver(till.stripe.pay("cs_test_1"))
        try till.refund(2000)
        try till.stripe.fail(next: failure)
        try till.work()
        #expect(try till.refunds() == ["shop pending 2000 2000 -"])
        till.shop.clock.pass(seconds: 61)
        try till.work()
        #expect(try till.refunds() == ["shop succeeded 2000 2000 re_1"])
        #expect(try till.stripe.counts()["sessions"] == .integer(1))
        #expect(try till.stripe.counts()["refunds"] == .integer(1))
        #expect(try till.shop.breaches() == [])
    }

    @Test func aPaymentThatStripeRefusesHasFailed() throws {
        let till = try Till()
        let payment = try till.topUp(100_000_000)
        #expect(payment["status"] == "failed")
        #expect(payment["error"]?.text?.contains("400: Amount must be") == true)
        #expect(try till.eventTypes() == ["payment.failed"])
        #expect(try till.shop.breaches() == [])
    }

    @Test func theLastAttemptFailsThePayment() throws {
        let till = try Till()
        try till.stripe.fail(next: "500")
        try Scenario.Step(
            .post, "/customers/ben/wallet/topups", as: "ben",
            #"{"amount":1,"return_url":"https://shop.example"}"#
        ).succeeds(in: till.shop)
        for job in try till.claim(by: "last") {
            try till.end(job, try till.courier.attempt(job, on: till.shop.store), isLast: true)
        }
        #expect(try till.payment()["status"] == "failed")
        #expect(try till.shop.breaches() == [])
    }
}

extension Till {
    /// Attempts the due jobs without recording the result, and lets the lease run out.
    fileprivate func killDuringAttempt() throws {
        let jobs = try claim(by: "killed")
        #expect(jobs.count == 1)
        for job in jobs { _ = try courier.attempt(job, on: shop.store) }
        shop.clock.pass(seconds: 61)
    }
}
