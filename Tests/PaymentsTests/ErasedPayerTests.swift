import HTTP
import Sales
import Storage
import TestShop
import Testing

/// Refunds to the source of an erased buyer's order.
@Suite struct ErasedPayerTests {
    private static let refund = Scenario.Step(
        .post, "/sales/1/refund", as: "sami", #"{"restock":true,"reason":"broken"}"#)

    @Test func theCardGetsItsMoneyBack() throws {
        let till = try Till()
        try OrderPaymentTests.order().succeeds(in: till.shop)
        try till.work()
        try till.deliver(till.stripe.pay("cs_test_1"))
        try Scenario.Step(.delete, "/customers/ben", as: "ben").succeeds(in: till.shop)
        try Scenario(
            "",
            .init(
                .post, "/sales/1/refund", as: "sami",
                #"{"restock":true,"reason":"broken","to":"wallet"}"#), gives: 409,
            code: "customer_erased"
        ).play(in: till.shop)
        try Scenario(
            "", Self.refund, gives: 200,
            shows: #"{"status":"refunded","refunded":4000,"payments":[{"refunded":4000}]}"#
        ).play(in: till.shop)
        try till.work()
        #expect(try till.stripe.counts()["refunds"] == 1)
        let order = try Scenario.Step(.get, "/sales/1", as: "sami").succeeds(in: till.shop).json
        #expect(order["username"]?.text?.hasPrefix("erased~") == true)
        #expect(order["email"] == .null && order["shipping_address"] == .null)
        #expect(try till.shop.breaches() == [])
    }

    @Test func aCancellationPaysTheCardBack() throws {
        let till = try Till()
        try OrderPaymentTests.order().succeeds(in: till.shop)
        try till.work()
        try till.deliver(till.stripe.pay("cs_test_1"))
        try Scenario.Step(.delete, "/customers/ben", as: "ben").succeeds(in: till.shop)
        try Scenario(
            "", .init(.post, "/sales/1/cancel", as: "sami"), gives: 200,
            shows: #"{"status":"cancelled","refunded":4000}"#
        ).play(in: till.shop)
        try till.work()
        #expect(try till.stripe.counts()["refunds"] == 1)
    }

    /// The part that the wallet paid has nowhere to go, so nothing is refunded.
    @Test func aPartOfTheWalletRefundsNothing() throws {
        let till = try Till()
        let cards = try Scenario.Step(
            .post, "/sales/gift-cards", as: "sami", #"{"amount":1000,"count":1}"#
        ).succeeds(in: till.shop).json
        let code = try #require(cards["data"]?[0]?["code"]?.text)
        try Scenario.Step(
            .post, "/sales", as: "ben",
            #"""
            {"items":[{"product_id":2,"quantity":1}],"gift_cards":["\#(code)"],\#
            "payment":{"method":"bank_transfer"}}
            """#
        ).succeeds(in: till.shop)
        try Scenario.Step(
            .post, "/sales/1/payments", as: "sami",
            #"{"method":"bank_transfer","amount":3000,"reference":"7"}"#
        ).succeeds(in: till.shop)
        try Scenario.Step(.delete, "/customers/ben", as: "ben").succeeds(in: till.shop)
        try Scenario("", Self.refund, gives: 409, code: "customer_erased").play(in: till.shop)
    }
}
