import HTTP
import TestShop
import Testing

/// Refunds of orders with taxes and shipping pay back exact shares.
@Suite struct RefundShareTests {
    private static func refund(_ body: String, order: Int = 1) -> Scenario.Step {
        .init(
            .post, "/sales/\(order)/refund", as: "sami",
            #"{\#(body)"restock":true,"reason":"broken"}"#)
    }

    private static let pen = #""items":[{"product_id":1,"quantity":1}],"#
    private static let buy = OrderTotalsTests.order(OrderTotalsTests.items(3))

    /// Three pens of 250 and 7 %, and a parcel of 490 and 19 %, added to the prices.
    private static let rows: [Scenario] = [
        // 803 for three pens with their tax: 267, 268 and 268.
        Scenario(
            "one of three", after: [buy], refund(pen), gives: 200,
            shows: #"""
                {"total":1386,"refunded":267,"payment_status":"partially_refunded",\#
                "status":"paid"}
                """#),
        Scenario(
            "two of three", after: [buy, refund(pen)], refund(pen), gives: 200,
            shows: #"{"refunded":535}"#),
        Scenario(
            "the last one, without shipping", after: [buy, refund(pen), refund(pen)], refund(pen),
            gives: 200,
            shows: #"""
                {"refunded":803,"status":"refunded","payment_status":"partially_refunded"}
                """#),
        Scenario(
            "shipping after the last one", after: [buy, refund(pen), refund(pen), refund(pen)],
            refund(""), gives: 200,
            shows: #"""
                {"refunded":1386,"status":"refunded","payment_status":"refunded",\#
                "timeline":[{},{},{},{},{"amount":583}]}
                """#),
        Scenario(
            "shipping with one", after: [buy], refund(pen + #""shipping":true,"#), gives: 200,
            shows: #"{"refunded":850}"#),
        Scenario(
            "shipping only", after: [buy], refund(#""items":[],"shipping":true,"#), gives: 200,
            shows: #"{"refunded":583,"status":"paid","items":[{"refunded_quantity":0}]}"#),
        Scenario(
            "the products only", after: [buy], refund(#""shipping":false,"#), gives: 200,
            shows: #"{"refunded":803,"payment_status":"partially_refunded"}"#),
        Scenario(
            "everything", after: [buy], refund(""), gives: 200,
            shows: #"{"refunded":1386,"status":"refunded","payment_status":"refunded"}"#),
        Scenario(
            "shipping twice", after: [buy, refund(#""items":[],"shipping":true,"#)],
            refund(#""items":[],"shipping":true,"#), gives: 409, code: "refund_exceeds_paid"),
        Scenario(
            "nothing", after: [buy], refund(#""items":[],"shipping":false,"#), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"items"}]}"#),
        Scenario(
            "everything twice", after: [buy, refund("")], refund(""), gives: 409,
            code: "refund_exceeds_paid"),
        Scenario(
            "a cancellation gives back the shipping", after: [buy, refund(pen)],
            .init(.post, "/sales/1/cancel", as: "ada"), gives: 200,
            shows: #"{"refunded":1386,"status":"cancelled","payment_status":"refunded"}"#),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws {
        try row.play(in: OrderTotalsTests.shop(pricesIncludeTax: false))
    }

    /// Random orders, half of them with a coupon, refunded in random portions: what was paid is what
    /// comes back.
    @Test(arguments: [true, false]) func everySequenceEndsAtZero(pricesIncludeTax: Bool) throws {
        let seed = SeededRandom.seed
        var chance = SeededRandom(seed: seed)
        let shop = try OrderTotalsTests.shop(pricesIncludeTax: pricesIncludeTax)
        for price in [1, 3, 99, 333] {
            try Scenario.Step(
                .post, "/inventory", as: "sami",
                #"{"name":"p","category":"c","price":\#(price),"stock":100000}"#
            ).succeeds(in: shop)
        }
        let coupons = [
            #""kind":"percent","value":3333"#, #""kind":"percent","value":9999"#,
            #""kind":"amount","value":77"#, #""kind":"amount","value":100,"categories":["c"]"#,
            #""kind":"free_shipping""#,
        ]
        for (number, terms) in coupons.enumerated() {
            try Scenario.Step(
                .post, "/sales/coupons", as: "sami", #"{"code":"TRY-\#(number)",\#(terms)}"#
            ).succeeds(in: shop)
        }
        for order in 1...150 {
            if order % 50 == 0 { try #require(shop.breaches() == [], "seed \(seed)") }
            let start = 3 + chance.below(3)
            var units = (0...chance.below(2)).map { (start + $0, chance.below(9) + 1) }
            let list = units.map { #"{"product_id":\#($0.0),"quantity":\#($0.1)}"# }
            let coupon = chance.below(2 * coupons.count)
            let sold = try OrderTotalsTests.order(
                list.joined(separator: ","),
                more: coupon < coupons.count ? #""coupon":"TRY-\#(coupon)""# : ""
            ).succeeds(in: shop)
            let total = try sold.json["total"]
            while let line = units.indices.filter({ units[$0].1 > 0 }).randomElement(&chance) {
                let portion = chance.below(units[line].1) + 1
                units[line].1 -= portion
                let isLast = units.allSatisfy { $0.1 == 0 }
                let items = #""items":[{"product_id":\#(units[line].0),"quantity":\#(portion)}],"#
                let step = Self.refund(
                    items + (isLast ? #""shipping":true,"# : ""), order: order)
                let answer = try step.succeeds(in: shop).json
                guard isLast else { continue }
                #expect(answer["refunded"] == total, "seed \(seed), order \(order)")
                #expect(answer["payment_status"] == "refunded", "seed \(seed), order \(order)")
            }
        }
        let wallet = try shop.send(.get, "/customers/ada/wallet", as: "ada").json["balance"]
        #expect(wallet == 100_000, "seed \(seed)")
        #expect(try shop.breaches() == [], "seed \(seed)")
    }
}

extension [Int] {
    /// An element chosen by the generator of the test; nil if there is none.
    fileprivate func randomElement(_ chance: inout SeededRandom) -> Int? {
        isEmpty ? nil : self[chance.below(count)]
    }
}
