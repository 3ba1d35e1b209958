import Outbox
import TestShop
import Testing

@testable import Payments

/// Refunds that are attempted after Stripe may have forgotten their idempotency keys.
@Suite struct LateRefundTests {
    /// A refund of 2,000 of a payment of 5,000, whose last attempt fails.
    private func failed(_ failure: String) throws -> Till {
        let till = try Till()
        try till.topUp()
        try till.deliver(till.stripe.pay("cs_test_1"))
        try till.refund(2000)
        try till.stripe.fail(next: failure)
        for job in try till.claim(by: "last") {
            try till.end(job, try till.courier.attempt(job, on: till.shop.store), isLast: true)
        }
        #expect(try till.refunds() == ["shop pending 2000 2000 -"])
        return till
    }

    /// `souk jobs retry` on the next day, when the keys are forgotten.
    private func retryTomorrow(in till: Till) throws {
        till.shop.clock.pass(seconds: 25 * 60 * 60)
        till.shop.forgetTokens()
        try till.stripe.forgetKeys()
        let now = till.shop.clock.now
        try till.shop.store.write { tx in
            for job in try failedJobs(after: nil, limit: 9, in: tx) {
                #expect(try retryJob(job.id, at: now, in: tx))
            }
        }
        try till.work()
    }

    private func made(in till: Till) throws -> Int64? {
        try till.stripe.counts()["refunds"]?.integer
    }

    @Test func aRetryOfARefundThatWasMadeSendsNothing() throws {
        let till = try failed(#""drop""#)
        try retryTomorrow(in: till)
        #expect(try made(in: till) == 1)
        #expect(try till.refunds() == ["shop succeeded 2000 2000 re_1"])
        #expect(try till.books() == "captured 5000 2000 3000")
        #expect(try till.shop.breaches() == [])
    }

    @Test func aRetryOfARefundThatWasNotMadeSendsIt() throws {
        let till = try failed("500")
        #expect(try made(in: till) == 0)
        try retryTomorrow(in: till)
        #expect(try made(in: till) == 1)
        #expect(try till.refunds() == ["shop succeeded 2000 2000 re_1"])
        #expect(try till.shop.breaches() == [])
    }

    /// Its message was lost too.
    @Test func aRefundThatWasMadeAndCameBackIsCredited() throws {
        let till = try failed(#""drop""#)
        _ = try till.stripe.event("refund.failed", #""refund":"re_1""#)
        try retryTomorrow(in: till)
        #expect(try made(in: till) == 1)
        #expect(try till.refunds() == ["shop failed 2000 2000 re_1"])
        #expect(try till.books() == "captured 5000 0 5000")
        #expect(try till.shop.breaches() == [])
    }

    /// Nothing is sent while Stripe does not say which refunds it has made.
    @Test func aRetryWithoutAnAnswerSendsNothing() throws {
        for failure in ["500", "403", "404"] {
            let till = try failed("500")
            try till.stripe.fail(next: failure)
            try retryTomorrow(in: till)
            #expect(try made(in: till) == 0)
            #expect(try till.refunds() == ["shop pending 2000 2000 -"])
            till.shop.clock.pass(seconds: 61)
            try till.work()
            #expect(try till.refunds() == ["shop succeeded 2000 2000 re_1"])
        }
    }

    /// The imitation lists three refunds a page.
    @Test func findsARefundAmongMany() throws {
        let till = try failed(#""drop""#)
        for _ in 1...5 { try till.refund(100) }
        try till.work()
        try retryTomorrow(in: till)
        #expect(try made(in: till) == 6)
        #expect(try till.refunds().first == "shop succeeded 2000 2000 re_1")
        #expect(try till.books() == "captured 5000 2500 2500")
        #expect(try till.shop.breaches() == [])
    }

    @Test func theProviderForTestsRefundsLate() throws {
        let till = try Till(.init(methods: [.wallet, .test]))
        try till.topUp(700)
        try till.refund(300)
        till.shop.clock.pass(seconds: 25 * 60 * 60)
        try till.work()
        #expect(try till.refunds().first?.hasPrefix("shop succeeded 300 300 test_") == true)
    }
}
