import Customers
import HTTP
import HTTPTypes
import Logging
import Outbox
import Service
import Storage
import TestShop
import Testing
import Values

@testable import Payments

/// Money that goes back, with an imitation of Stripe.
@Suite struct RefundTests {
    private static let intent = #""intent":"pi_1""#

    /// A till with a captured payment of 5,000.
    private func paid() throws -> Till {
        let till = try Till()
        try till.topUp()
        try till.deliver(till.stripe.pay("cs_test_1"))
        return till
    }

    @Test func theShopRefunds() throws {
        let till = try paid()
        try till.refund(2000)
        #expect(try till.books() == "captured 5000 2000 3000")
        try till.work()
        #expect(try till.refunds() == ["shop succeeded 2000 2000 re_1"])
        // Stripe reports the sum, which the shop knows already.
        try till.deliver(till.stripe.event("charge.refunded", Self.intent))
        #expect(try till.books() == "captured 5000 2000 3000")
        #expect(throws: Problem.self) { try till.refund(3001) }
        try till.refund(3000)
        try till.work()
        #expect(try till.books() == "captured 5000 5000 0")
        #expect(try till.shop.breaches() == [])
    }

    @Test func aRefundNeedsTheMoneyInTheWallet() throws {
        let till = try paid()
        try Scenario.Step(.post, "/customers/ben/wallet/debit", as: "sami", #"{"amount":4000}"#)
            .succeeds(in: till.shop)
        #expect(throws: Problem.self) { try till.refund(1001) }
        #expect(try till.books() == "captured 5000 0 1000")
        #expect(try till.shop.breaches() == [])
    }

    /// Staff have refunded in Stripe's dashboard.
    @Test func refundsOfTheDashboard() throws {
        let till = try paid()
        let part = try till.stripe.event("charge.refunded", #"\#(Self.intent),"total":1500"#)
        let more = try till.stripe.event("charge.refunded", #"\#(Self.intent),"total":4000"#)
        for message in [part, part, more, part] { try till.deliver(message) }
        #expect(try till.books() == "captured 5000 4000 1000")
        #expect(
            try till.refunds() == [
                "provider succeeded 1500 1500 -", "provider succeeded 2500 2500 -",
            ])
        #expect(try till.shop.breaches() == [])
    }

    /// The customer has spent the money: the shop books what is there.
    @Test func aRefundOfSpentMoney() throws {
        let till = try paid()
        try Scenario.Step(.post, "/customers/ben/wallet/debit", as: "sami", #"{"amount":4900}"#)
            .succeeds(in: till.shop)
        try till.deliver(
            till.stripe.event("charge.refunded", #"\#(Self.intent),"total":5000"#))
        #expect(try till.books() == "captured 5000 5000 0")
        #expect(try till.refunds() == ["provider succeeded 5000 100 -"])
        #expect(try till.shop.breaches() == [])
    }

    /// The customer has got the whole amount in the dashboard already.
    @Test func aRefundThatStripeRejects() throws {
        let till = try paid()
        try till.refund(2000)
        let all = try till.stripe.event("charge.refunded", #"\#(Self.intent),"total":5000"#)
        try till.deliver(all)
        #expect(try till.books() == "captured 5000 5000 0")
        try till.work()
        #expect(
            try till.refunds() == [
                "shop rejected 2000 2000 -", "provider succeeded 3000 3000 -",
                "provider succeeded 2000 2000 -",
            ])
        #expect(try till.books() == "captured 5000 5000 0")
        #expect(try till.shop.breaches() == [])
    }

    /// The customer's bank has not taken the money.
    @Test func aRefundThatComesBack() throws {
        for isLate in [false, true] {
            let till = try paid()
            try till.refund(2000)
            try till.work()
            let sum = try till.stripe.event("charge.refunded", Self.intent)
            let failed = try till.stripe.event("refund.failed", #""refund":"re_1""#)
            for message in isLate ? [failed, sum, failed] : [sum, failed, sum] {
                try till.deliver(message)
            }
            #expect(try till.refunds() == ["shop failed 2000 2000 re_1"])
            #expect(try till.books() == "captured 5000 0 5000")
            #expect(try till.eventTypes().last == "payment.refund_failed")
            #expect(try till.shop.breaches() == [])
        }
    }

    /// The response says that the refund has failed, and a message about that may follow.
    @Test func aRefundThatFailsAtOnce() throws {
        let till = try paid()
        try till.refund(2000)
        try till.stripe.fail(next: #""failed""#)
        try till.work()
        for _ in 1...2 {
            #expect(try till.refunds() == ["shop failed 2000 2000 re_1"])
            #expect(try till.books() == "captured 5000 0 5000")
            #expect(try till.eventTypes().last == "payment.refund_failed")
            try till.deliver(till.stripe.event("refund.failed", #""refund":"re_1""#))
        }
        #expect(try till.shop.breaches() == [])
    }

    /// The same for a refund of the dashboard, in both orders.
    @Test func aRefundOfTheDashboardThatComesBack() throws {
        for isLate in [false, true] {
            let till = try paid()
            let sum = try till.stripe.event("charge.refunded", #"\#(Self.intent),"total":700"#)
            let failed = try till.stripe.event(
                "refund.failed", #"\#(Self.intent),"refund":"re_7","amount":700"#)
            for message in isLate ? [failed, sum] : [sum, failed] { try till.deliver(message) }
            #expect(try till.books() == "captured 5000 0 5000")
            #expect(try till.shop.breaches() == [])
        }
    }

    @Test func aDispute() throws {
        for (status, books) in [
            ("won", "captured 5000 0 5000"), ("lost", "disputed 5000 5000 0"),
            ("warning_closed", "captured 5000 0 5000"),
        ] {
            let till = try paid()
            let opened = try till.stripe.event("charge.dispute.created", Self.intent)
            let closed = try till.stripe.event(
                "charge.dispute.closed", #"\#(Self.intent),"status":"\#(status)""#)
            try till.deliver(opened)
            #expect(try till.books() == "disputed 5000 0 5000")
            for message in [closed, opened, closed] { try till.deliver(message) }
            #expect(try till.books() == books)
            #expect(try till.shop.breaches() == [])
        }
    }

    /// The amount that came is still another one than was asked for.
    @Test func aWonDisputeOfAnotherAmount() throws {
        let till = try Till()
        try till.topUp()
        try till.deliver(till.stripe.pay("cs_test_1", #""amount":4999"#))
        let closed = try till.stripe.event(
            "charge.dispute.closed", #"\#(Self.intent),"status":"won""#)
        try till.deliver(till.stripe.event("charge.dispute.created", Self.intent))
        try till.deliver(closed)
        #expect(try till.books() == "mismatch 4999 0 4999")
        #expect(try till.eventTypes().last == "payment.mismatched")
        #expect(try till.shop.breaches() == [])
    }

    /// The bank decides on each of them, one after the other or at once.
    @Test func eachDisputeOfAPaymentIsBooked() throws {
        let till = try paid()
        func report(_ dispute: Int, _ type: String, _ members: String = "") throws -> String {
            try till.deliver(
                till.stripe.event(
                    "charge.dispute.\(type)",
                    #"\#(Self.intent),"dispute":"du_\#(dispute)","amount":2000\#(members)"#))
            return try till.books()
        }
        let (won, lost) = (#","status":"won""#, #","status":"lost""#)
        #expect(try report(1, "created") == "disputed 5000 0 5000")
        #expect(try report(1, "closed", won) == "captured 5000 0 5000")
        #expect(try report(2, "created") == "disputed 5000 0 5000")
        #expect(try report(3, "created") == "disputed 5000 0 5000")
        #expect(try report(3, "closed", won) == "disputed 5000 0 5000")
        #expect(try report(2, "closed", lost) == "disputed 5000 2000 3000")
        #expect(try report(2, "closed", lost) == "disputed 5000 2000 3000")
        #expect(try report(4, "closed", lost) == "disputed 5000 4000 1000")
        #expect(try report(4, "created") == "disputed 5000 4000 1000")
        #expect(try report(5, "closed", won) == "disputed 5000 4000 1000")
        let disputed = try till.eventTypes().filter { $0 == "payment.disputed" }
        #expect(disputed.count == 3)
        #expect(try till.shop.breaches() == [])
    }

    /// Messages about a dispute name no payment of the shop; they wait for the one that does.
    @Test func aDisputeThatIsKnownBeforeThePayment() throws {
        let till = try Till()
        try till.topUp()
        let paid = try till.stripe.pay("cs_test_1")
        let opened = try till.stripe.event("charge.dispute.created", Self.intent)
        #expect(try till.deliver(opened) == "unmatched")
        #expect(try till.deliver(paid) == "applied")
        #expect(try till.books() == "disputed 5000 0 5000")
        let closed = try till.stripe.event(
            "charge.dispute.closed", #"\#(Self.intent),"status":"lost""#)
        #expect(try till.deliver(closed) == "applied")
        #expect(try till.books() == "disputed 5000 5000 0")
        #expect(try till.shop.breaches() == [])
    }
}

extension Till {
    /// Sends money of a payment back, as a refund of an order does.
    func refund(_ amount: Int64, of payment: Int64 = 1) throws {
        let responder = Responder(
            [
                .post("/sales/refund", .staff) { call, tx in
                    try refundPayment(payment, Money(minorUnits: amount), by: call, in: tx)
                    return .noContent
                }
            ], of: shop.shop, on: shop.store, authentication: Customers.authentication,
            clock: { [shop] in shop.clock.now }, log: Logger(label: "test"))
        var request = Request(method: .post, path: "/sales/refund")
        request.fields[.authorization] = "Bearer \(try shop.token(of: "sami"))"
        let response = responder.answer(request)
        guard response.status == .noContent else {
            throw Problem.conflict("refused", response.text)
        }
    }

    /// The refunds: origin, status, amount, what the wallet gave, and the provider's number.
    func refunds() throws -> [String] {
        try shop.store.read { tx in
            try tx.all(
                """
                SELECT origin || ' ' || status || ' ' || amount || ' ' || debited || ' '
                    || COALESCE(provider_id, '-') AS line
                FROM refunds ORDER BY id
                """
            ) { try $0["line"] }
        }
    }
}
