import HTTP
import Service
import Storage
import TestShop
import Testing

@testable import Payments

/// Orders that are refunded after the bank or the dashboard has paid their money back.
@Suite struct PaidBackTests {
    private static let intent = #""intent":"pi_1""#

    /// A till with an order of two units for 8,000 that is paid by card.
    private func till() throws -> Till {
        let till = try Till()
        try OrderPaymentTests.order(2).succeeds(in: till.shop)
        try till.work()
        try till.deliver(till.stripe.pay("cs_test_1"))
        return till
    }

    private func loseDispute(of amount: Int, in till: Till) throws {
        let members = #"\#(Self.intent),"amount":\#(amount)"#
        try till.deliver(till.stripe.event("charge.dispute.created", members))
        try till.deliver(
            till.stripe.event("charge.dispute.closed", #"\#(members),"status":"lost""#))
    }

    /// The buyer would otherwise have the money twice.
    @Test func aCancellationAfterALostDisputePaysNothing() throws {
        let till = try till()
        try loseDispute(of: 8000, in: till)
        #expect(try till.refunds() == ["dispute succeeded 8000 0 -"])
        try Scenario(
            "", .init(.post, "/sales/1/cancel", as: "ben"), gives: 200,
            shows: #"{"status":"cancelled","payment_status":"refunded","refunded":8000}"#
        ).play(in: till.shop)
        try till.work()
        #expect(try till.balance() == 0)
        #expect(try till.refunds() == ["dispute succeeded 8000 8000 -"])
        #expect(try till.shop.breaches() == [])
    }

    /// The wallet would get the money, and the bank may still pay it to the buyer.
    @Test func onlyStaffCancelADisputedOrder() throws {
        let till = try till()
        let members = #"\#(Self.intent),"amount":8000"#
        try till.deliver(till.stripe.event("charge.dispute.created", members))
        try Scenario(
            "", .init(.post, "/sales/1/cancel", as: "ben"), gives: 409, code: "invalid_transition"
        ).play(in: till.shop)
        #expect(try till.balance() == 0)
        try Scenario.Step(.post, "/sales/1/cancel", as: "sami").succeeds(in: till.shop)
        #expect(try till.balance() == 8000)
        #expect(try till.shop.breaches() == [])
    }

    /// The money of a dispute that the shop has won goes back to the card.
    @Test func theBuyerCancelsAfterAWonDispute() throws {
        let till = try till()
        let members = #"\#(Self.intent),"amount":8000"#
        try till.deliver(till.stripe.event("charge.dispute.created", members))
        try till.deliver(
            till.stripe.event("charge.dispute.closed", #"\#(members),"status":"won""#))
        try Scenario.Step(.post, "/sales/1/cancel", as: "ben").succeeds(in: till.shop)
        try till.work()
        #expect(try till.refunds() == ["shop succeeded 8000 8000 re_1"])
        #expect(try till.shop.breaches() == [])
    }

    @Test(arguments: ["wallet", "source"])
    func refundsOfUnitsFirstCoverWhatTheBankHasPaid(target: String) throws {
        let till = try till()
        try loseDispute(of: 5000, in: till)
        for (recovered, balance) in [(4000, 0), (5000, 3000)] {
            try Scenario.Step(
                .post, "/sales/1/refund", as: "sami",
                #"""
                {"items":[{"product_id":2,"quantity":1}],"restock":true,"reason":"x",\#
                "to":"\#(target)"}
                """#
            ).succeeds(in: till.shop)
            #expect(try till.balance() == Int64(balance))
            #expect(try till.refunds() == ["dispute succeeded 5000 \(recovered) -"])
        }
        #expect(try till.shop.breaches() == [])
    }

    @Test func aCancellationAfterARefundOfTheDashboardPaysTheRest() throws {
        let till = try till()
        try till.deliver(till.stripe.event("charge.refunded", #"\#(Self.intent),"total":1000"#))
        #expect(try till.refunds() == ["provider succeeded 1000 0 -"])
        try Scenario.Step(.post, "/sales/1/cancel", as: "ben").succeeds(in: till.shop)
        try till.work()
        #expect(try till.balance() == 0)
        #expect(
            try till.refunds() == [
                "provider succeeded 1000 1000 -", "shop succeeded 7000 7000 re_1",
            ])
        #expect(try till.shop.breaches() == [])
    }
}
