import HTTP
import TestShop
import Testing

@Suite struct OrderLimitTests {
    /// The largest amounts neither overflow nor exceed what an order may cost.
    @Test func holdsTheLimitOfAnOrder() throws {
        let shop = try OrderTotalsTests.shop(pricesIncludeTax: false)
        _ = try shop.send(
            .post, "/inventory", as: "sami",
            #"{"name":"moon","category":"c","price":100000000000,"stock":10000}"#)
        func moons(_ count: Int) -> String { #"{"product_id":3,"quantity":\#(count)}"# }
        // With 19 % the limit of 10¹⁵ is between 8,403 and 8,404 moons.
        try Scenario(
            "", OrderTotalsTests.order(moons(8403)), gives: 409, code: "insufficient_funds"
        ).play(in: shop)
        try Scenario(
            "", OrderTotalsTests.order(moons(8404)), gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"items"}]}"#
        ).play(in: shop)
    }
}
