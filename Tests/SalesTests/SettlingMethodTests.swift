import HTTP
import Storage
import TestShop
import Testing

/// The payment method of an order is that of the payment that settled it.
@Suite struct SettlingMethodTests {
    private func method(in shop: TestShop) throws -> String? {
        try Scenario.Step(.get, "/sales/1", as: "sami").succeeds(in: shop).json["payment_method"]?
            .text
    }

    /// The methods of the daily report, with the number of their orders and their refunds.
    private func report(in shop: TestShop) throws -> [String] {
        let days = try Scenario.Step(.get, "/sales/reports/daily", as: "sami").succeeds(in: shop)
            .json["data"]
        return try (days?[0]?["by_method"]?.elements ?? []).map {
            let numbers = try ["orders", "gross", "refunded"].map { [element = $0] name in
                "\(try #require(element[name]?.integer))"
            }
            return ([try #require($0["method"]?.text)] + numbers).joined(separator: " ")
        }
    }

    @Test func isThatOfTheLastPayment() throws {
        let shop = try TestShop()
        try UnpaidOrderTests.transfer.succeeds(in: shop)
        try UnpaidOrderTests.book(3000).succeeds(in: shop)
        #expect(try method(in: shop) == "bank_transfer")
        try UnpaidOrderTests.book(5000, "cash").succeeds(in: shop)
        #expect(try method(in: shop) == "cash")
        try RefundOrderTests.refund().succeeds(in: shop)
        #expect(try report(in: shop) == ["cash 1 8000 8000"])
        #expect(try shop.breaches() == [])
    }

    @Test func cashOnDeliveryStays() throws {
        let shop = try CashOnDeliveryTests.shop()
        try UnpaidOrderTests.book(8500, "cash").succeeds(in: shop)
        #expect(try method(in: shop) == "cash_on_delivery")
        #expect(try report(in: shop) == ["cash_on_delivery 1 8500 0"])
    }

    @Test func aTransferPaysAnOrderForCashOnDelivery() throws {
        let shop = try CashOnDeliveryTests.shop()
        try UnpaidOrderTests.book(8500).succeeds(in: shop)
        #expect(try method(in: shop) == "bank_transfer")
    }

    @Test(arguments: ["bank_transfer", "wallet"])
    func giftCardsThatCoverTheOrderAreItsMethod(chosen: String) throws {
        let shop = try TestShop()
        let cards = try Scenario.Step(
            .post, "/sales/gift-cards", as: "sami", #"{"amount":9000,"count":1}"#
        ).succeeds(in: shop).json
        let code = try #require(cards["data"]?[0]?["code"]?.text)
        try UnpaidOrderTests.order(
            #"{"method":"\#(chosen)"}"#, more: #""gift_cards":["\#(code)"],"#
        ).succeeds(in: shop)
        #expect(try method(in: shop) == "gift_card")
        #expect(try report(in: shop) == ["gift_card 1 8000 0"])
        try Scenario("", UnpaidOrderTests.book(8000), gives: 409, code: "order_not_due").play(
            in: shop)
    }

    @Test func aFreeOrderNeedsNoMethod() throws {
        let shop = try TestShop()
        try Scenario.Step(.patch, "/inventory/2", as: "sami", #"{"price":0}"#).succeeds(in: shop)
        try UnpaidOrderTests.transfer.succeeds(in: shop)
        #expect(try method(in: shop) == "wallet")
        #expect(try shop.breaches() == [])
    }
}
