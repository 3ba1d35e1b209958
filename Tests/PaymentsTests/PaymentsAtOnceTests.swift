import HTTP
import Outbox
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
        try Till.playInEveryOrder({ try $0.topUp() }) { till, order in
            let books = try till.books()
            #expect(books == "captured 5000 1200 3800", "\(order)")
        }
    }

    /// A message by the provider's name comes together with the one that tells the name.
    @Test func aDisputeAndItsPaymentAtOnce() throws {
        let till = try Till()
        for number in 1...20 as ClosedRange<Int64> {
            try till.topUp(100)
            let messages = try [
                till.stripe.pay("cs_test_\(number)"),
                till.stripe.event("charge.dispute.created", #""intent":"pi_\#(number)""#),
            ].map { till.message($0) }
            _ = atOnce(2) { till.shop.send(messages[$0]).status.code }
            #expect(try till.payment(number)["status"] == "disputed")
        }
        #expect(try till.shop.breaches() == [])
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
    @Test(arguments: ["500", "429", "401", #""drop""#, #""hang""#, #""late""#])
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

    /// They may be about the shop's account, such as a key with too few rights.
    @Test func onlyStaffReadTheWordsOfStripe() throws {
        let till = try Till()
        try till.stripe.fail(next: "400")
        try OrderPaymentTests.order().succeeds(in: till.shop)
        try till.work()
        for target in ["/sales/payments/1", "/sales/payments", "/sales/1/payments"] {
            let own = try till.shop.send(.get, target, as: "ben").text
            #expect(own.contains("could not start the payment") && !own.contains("Stripe"))
            let seen = try till.shop.send(.get, target, as: "sami").text
            #expect(seen.contains("Stripe answered 400: as the test asked"))
        }
        for target in ["/customers/ben/export", "/sales/1"] {
            #expect(try !till.shop.send(.get, target, as: "ben").text.contains("answered"))
        }
        let event = try till.shop.store.write { tx in
            try numberEvents(in: tx)
            return try events(after: 0, types: [.paymentFailed], limit: 9, in: tx).first
        }
        #expect(try #require(event?.data).contains("could not start the payment"))
        let printed = try till.shop.store.read { try payments(.failed, after: 0, limit: 9, in: $0) }
        #expect(
            JSONWriter.text(of: printed).contains("answered"))
    }

    /// A text of 100 KB, in characters of 2 bytes after one of 1.
    @Test func theWordsOfStripeAreBounded() throws {
        let till = try Till()
        try till.topUp()
        let payment = try till.shop.store.read { try Payments.payment(1, in: $0) }
        let words = "a" + String(repeating: "ä", count: 50_000)
        let body = Array(#"{"error":{"message":"\#(words)"}}"#.utf8)
        let provider = StripeProvider.provider(key: "sk_test_1", url: "http://127.0.0.1")
        guard
            case .rejected(let error) = provider.start(
                payment, { _ in ProviderAnswer(status: 400, body: body) })
        else { throw TestFailure(description: "not rejected") }
        #expect(error == "Stripe answered 400: a" + String(repeating: "ä", count: 249))
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
    func killDuringAttempt() throws {
        let jobs = try claim(by: "killed")
        #expect(jobs.count == 1)
        for job in jobs { _ = try courier.attempt(job, on: shop.store) }
        shop.clock.pass(seconds: 61)
    }
}
