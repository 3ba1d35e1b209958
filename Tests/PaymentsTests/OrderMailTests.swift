import HTTP
import Outbox
import TestShop
import Testing

/// The amounts in the messages about an order.
@Suite struct OrderMailTests {
    private static let setup: [Scenario.Step] = [
        .init(.post, "/sales/shipping-methods", as: "sami", #"{"name":"Parcel","price":490}"#),
        .init(
            .post, "/sales/coupons", as: "sami", #"{"code":"SAVE","kind":"amount","value":300}"#),
        .init(
            .put, "/sales/tax-rates", as: "sami",
            #"{"data":[{"class":"standard","country":"DE","rate":1900,"name":"VAT"}]}"#),
    ]

    private static func order(_ more: String = "") -> String {
        #"""
        {"items":[{"product_id":1,"quantity":2}],"coupon":"save","shipping_method":1,\#
        "payment":{"method":"bank_transfer"},\#(more)"shipping_address":{"name":"Ben",\#
        "lines":["Main Street 1"],"city":"Berlin","country":"DE"}}
        """#
    }

    /// The lines add up to the total.
    @Test(arguments: [true, false])
    func listsWhatTheTotalContains(pricesIncludeTax: Bool) throws {
        let till = try Till(pricesIncludeTax: pricesIncludeTax)
        var inbox = try Inbox(till)
        for step in Self.setup { try step.succeeds(in: till.shop) }
        try Scenario.Step(.post, "/sales", as: "ben", Self.order()).succeeds(in: till.shop)
        try Scenario.Step(.post, "/sales", Self.order(#""email":"gail@example.com","#))
            .succeeds(in: till.shop)
        let letters = try inbox.letters()
        #expect(
            Set(letters.map(\.template.rawValue)) == ["order-received", "guest-order-received"])
        let lines = "2 × pen, 2.50 USD each\nDiscount: -3.00 USD\nShipping: 4.90 USD"
        for letter in letters {
            let tax = pricesIncludeTax ? "" : "\nTax: 1.31 USD"
            #expect(letter.values["items"] == lines + tax)
            #expect(letter.values["total"] == (pricesIncludeTax ? "6.90 USD" : "8.21 USD"))
        }
    }
}
