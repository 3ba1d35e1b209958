import TestShop
import Testing

/// Orders that are paid to the carrier.
@Suite struct CashOnDeliveryTests {
    static func shop() throws -> TestShop {
        let shop = try TestShop()
        try Scenario.Step(
            .post, "/sales/shipping-methods", as: "sami",
            #"{"name":"Courier","price":500,"cash_on_delivery":true}"#
        ).succeeds(in: shop)
        try UnpaidOrderTests.order(
            #"{"method":"cash_on_delivery"}"#,
            more: #""shipping_method":1,"shipping_address":\#(OrderTotalsTests.address),"#
        ).succeeds(in: shop)
        return shop
    }

    @Test func shipsBeforeItIsPaid() throws {
        let shop = try Self.shop()
        try Scenario(
            "", .init(.post, "/sales/1/ship", as: "sami"), gives: 200,
            shows: #"{"status":"shipped","payment_status":"unpaid","due":8500,"hold_until":null}"#
        ).play(in: shop)
        try Scenario(
            "", .init(.post, "/sales/1/cancel", as: "ada"), gives: 409, code: "invalid_transition"
        ).play(in: shop)
        try Scenario(
            "", .init(.post, "/sales/1/deliver", as: "sami"), gives: 200,
            shows: #"{"status":"delivered","payment_status":"unpaid"}"#
        ).play(in: shop)
        try Scenario("", UnpaidOrderTests.book(8500, "cash"), gives: 201).play(in: shop)
        try Scenario(
            "", .init(.get, "/sales/1", as: "ada"), gives: 200,
            shows: #"{"status":"delivered","payment_status":"paid","due":0}"#
        ).play(in: shop)
    }

    @Test func aParcelThatNobodyPaidForComesBack() throws {
        let shop = try Self.shop()
        let stock = try UnpaidOrderTests.stock(in: shop)
        try Scenario.Step(.post, "/sales/1/ship", as: "sami").succeeds(in: shop)
        try Scenario(
            "", .init(.post, "/sales/1/cancel", as: "sami"), gives: 200,
            shows: #"{"status":"cancelled","payment_status":"unpaid","refunded":0}"#
        ).play(in: shop)
        #expect(try UnpaidOrderTests.stock(in: shop) == stock + 2)
    }

    @Test func anUnpaidOrderIsNoVerifiedPurchase() throws {
        let shop = try Self.shop()
        try Scenario.Step(.post, "/sales/1/ship", as: "sami").succeeds(in: shop)
        try Scenario(
            "", .init(.post, "/sales/1/refund", as: "sami", #"{"restock":true,"reason":"x"}"#),
            gives: 409, code: "refund_exceeds_paid"
        ).play(in: shop)
    }
}
