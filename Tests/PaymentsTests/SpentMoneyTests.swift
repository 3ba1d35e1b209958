import HTTP
import Service
import Storage
import TestShop
import Testing

@testable import Payments

/// Orders whose buyer spends the money for them elsewhere before all of it has come.
@Suite struct SpentMoneyTests {
    /// A till where ben has ordered for 4,000: 1,500 from a gift card, of which 500 are spent, and
    /// 2,500 by card, which have come.
    private func till() throws -> Till {
        let till = try Till()
        let code = try till.giftCard(1500)
        let order = try Scenario.Step(
            .post, "/sales", as: "ben",
            #"""
            {"items":[{"product_id":2,"quantity":1}],"gift_cards":["\#(code)"],"payment":\#
            {"method":"card","return_url":"https://shop.example"}}
            """#
        ).succeeds(in: till.shop).json
        #expect(order["due"] == 2500)
        try till.work()
        try Scenario.Step(
            .post, "/sales", as: "ben", #"{"items":[{"product_id":1,"quantity":2}]}"#
        ).succeeds(in: till.shop)
        #expect(try till.order("due") == 3000)
        try till.deliver(till.stripe.pay("cs_test_1"))
        #expect(try till.order("status") == "pending")
        #expect(try till.balance() == 3500)
        return till
    }

    private static let payAgain = Scenario.Step(
        .post, "/sales/1/payments", as: "ben",
        #"{"method":"card","return_url":"https://shop.example"}"#)

    @Test func theSpentMoneyIsDueAgain() throws {
        let till = try till()
        #expect(try till.order("due") == 500)
        try Scenario("", Self.payAgain, gives: 201, shows: #"{"amount":500}"#).play(in: till.shop)
        try till.work()
        try till.deliver(till.stripe.pay("cs_test_2"))
        #expect(try till.order("status") == "paid")
        #expect(try till.balance() == 0)
        #expect(try till.shop.breaches() == [])
    }

    /// No payment is needed, and the order does not wait for its end.
    @Test func moneyThatIsInTheWalletAgainPaysTheOrder() throws {
        let till = try till()
        try till.redeem(500)
        #expect(try till.order("due") == 0)
        #expect(try till.order("status") == "pending")
        try Scenario(
            "", Self.payAgain, gives: 200, shows: #"{"id":1,"status":"captured","amount":2500}"#
        ).play(in: till.shop)
        #expect(try till.order("status") == "paid")
        #expect(try till.balance() == 0)
        try Scenario("", Self.payAgain, gives: 409, code: "order_not_due").play(in: till.shop)
        #expect(try till.shop.breaches() == [])
    }

    @Test func moneyThatIsInTheWalletTooLateStaysThere() throws {
        let till = try till()
        try till.redeem(500)
        till.shop.clock.pass(seconds: holdSeconds)
        till.shop.forgetTokens()
        try Scenario("", Self.payAgain, gives: 409, code: "order_not_due").play(in: till.shop)
        try till.shop.expireOrders()
        #expect(try till.order("status") == "cancelled")
        #expect(try till.balance() == 4000)
    }

    @Test func theMoneyOfAWonDisputeCountsAgain() throws {
        let till = try till()
        try till.deliver(till.stripe.event("charge.dispute.created", #""intent":"pi_1""#))
        #expect(try till.order("due") == 2500)
        try till.redeem(500)
        try till.deliver(
            till.stripe.event("charge.dispute.closed", #""intent":"pi_1","status":"won""#))
        #expect(try till.order("status") == "paid")
        #expect(try till.shop.breaches() == [])
    }
}

extension Till {
    /// The code of a new gift card.
    fileprivate func giftCard(_ amount: Int) throws -> String {
        let made = try Scenario.Step(
            .post, "/sales/gift-cards", as: "sami", #"{"amount":\#(amount),"count":1}"#
        ).succeeds(in: shop).json
        return try #require(made["data"]?[0]?["code"]?.text)
    }

    /// Fills ben's wallet.
    fileprivate func redeem(_ amount: Int) throws {
        try Scenario.Step(
            .post, "/customers/ben/wallet/gift-cards", as: "ben",
            #"{"code":"\#(try giftCard(amount))"}"#
        ).succeeds(in: shop)
    }

    /// A member of the first order, as its buyer sees it.
    fileprivate func order(_ member: String) throws -> JSON? {
        try Scenario.Step(.get, "/sales/1", as: "ben").succeeds(in: shop).json[member]
    }
}
