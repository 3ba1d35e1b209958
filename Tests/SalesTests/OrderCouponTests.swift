import HTTP
import Storage
import TestShop
import Testing

/// Orders with a coupon.
@Suite struct OrderCouponTests {
    private static func coupon(_ terms: String) -> Scenario.Step {
        .init(.post, "/sales/coupons", as: "sami", #"{"code":"SAVE",\#(terms)}"#)
    }

    private static let tenth = coupon(#""kind":"percent","value":1000"#)
    private static let three = coupon(#""kind":"amount","value":300"#)

    private static func order(
        _ pens: Int, lamps: Int = 0, more: String = #""coupon":"save""#, as account: String = "ada",
        query: String = ""
    ) -> Scenario.Step {
        OrderTotalsTests.order(
            OrderTotalsTests.items(pens, lamps: lamps), more: more, as: account, query: query)
    }

    private static let rows: [Scenario] = [
        // 750 · 10 % = 75 and 4000 · 10 % = 400; 675 · 700 / 10700 = 44.2, 3600 · 1900 / 11900
        // = 574.8, and 78.2 for the parcel.
        Scenario(
            "a share, before the taxes", after: [tenth], order(3, lamps: 1), gives: 201,
            shows: #"""
                {"coupon":"SAVE","subtotal":4750,"discount":475,"shipping":490,"tax":697,\#
                "total":4765,"items":[{"discount":75,"tax":44,"total":675},\#
                {"discount":400,"tax":575,"total":3600}]}
                """#),
        Scenario(
            "an amount, divided among the lines", after: [three], order(3, lamps: 1), gives: 201,
            shows: #"""
                {"discount":300,"total":4940,"items":[{"discount":47},{"discount":253}]}
                """#),
        Scenario(
            "a category", after: [coupon(#""kind":"amount","value":9999,"categories":["paper"]"#)],
            order(3, lamps: 1), gives: 201,
            shows: #"{"discount":750,"items":[{"discount":750,"tax":0},{"discount":0}]}"#),
        Scenario(
            "free shipping", after: [coupon(#""kind":"free_shipping""#)], order(1), gives: 201,
            shows: #"""
                {"discount":0,"shipping":0,"shipping_method":{"price":0},"total":250,"tax":16}
                """#),
        // 5000 less 300: below the limit of free shipping.
        Scenario(
            "a discount counts for the price of shipping", after: [three], order(4, lamps: 1),
            gives: 201, shows: #"{"subtotal":5000,"discount":300,"shipping":490}"#),
        Scenario(
            "an order without a coupon", order(1, more: ""), gives: 201, shows: #"{"coupon":null}"#
        ),
        Scenario(
            "a coupon of null", order(1, more: #""coupon":null"#), gives: 201,
            shows: #"{"coupon":null}"#),
        Scenario(
            "a coupon for other products",
            after: [coupon(#""kind":"percent","value":1000,"product_ids":[2]"#)], order(1),
            gives: 409, code: "coupon_invalid"),
        Scenario(
            "no text of a coupon", order(1, more: #""coupon":"%""#), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"coupon"}]}"#),
        Scenario(
            "the total without the discount", after: [tenth],
            order(1, more: #""coupon":"save","expected_total":740"#), gives: 409,
            code: "price_changed", shows: #"{"detail":"The total is now 715."}"#),
        Scenario(
            "a wallet that pays the discounted price only",
            after: [
                tenth,
                .init(.post, "/customers/ben/wallet/credit", as: "sami", #"{"amount":715}"#),
            ], order(1, as: "ben"), gives: 201, shows: #"{"total":715}"#),
        Scenario(
            "too few in stock", after: [tenth], order(11), gives: 409, code: "insufficient_stock"),
        Scenario(
            "a coupon used up",
            after: [coupon(#""kind":"amount","value":1,"max_uses":1"#), order(1)], order(1),
            gives: 409, code: "coupon_invalid"),
        Scenario(
            "a coupon used up by the customer that staff order for",
            after: [coupon(#""kind":"amount","value":1,"max_uses_per_customer":1"#), order(1)],
            order(1, more: #""coupon":"save","customer":"ada""#, as: "sami"), gives: 409,
            code: "coupon_invalid"),
        Scenario(
            "a coupon whose use a cancellation has given back",
            after: [
                coupon(#""kind":"amount","value":1,"max_uses":1,"max_uses_per_customer":1"#),
                order(1), .init(.post, "/sales/1/cancel", as: "ada"),
            ], order(1), gives: 201, shows: #"{"coupon":"SAVE"}"#),
        Scenario(
            "a refund of everything gives no use back",
            after: [
                coupon(#""kind":"amount","value":1,"max_uses":1"#), order(1),
                .init(
                    .post, "/sales/1/refund", as: "sami", #"{"restock":true,"reason":"broken"}"#),
            ], order(1), gives: 409, code: "coupon_invalid"),
        Scenario(
            "an order keeps the code of a deleted coupon",
            after: [tenth, order(1), .init(.delete, "/sales/coupons/SAVE", as: "sami")],
            .init(.post, "/sales/1/cancel", as: "ada"), gives: 200,
            shows: #"{"coupon":"SAVE","refunded":715,"status":"cancelled"}"#),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws {
        try row.play(in: OrderTotalsTests.shop())
    }

    @Test func refusesAnUnknownCoupon() throws {
        let shop = try OrderTotalsTests.shop()
        let answer = try shop.send(Self.order(1))
        #expect(answer.status.code == 409)
        #expect(try answer.json["code"] == "coupon_invalid")
        #expect(try answer.json["errors"]?[0]?["message"] == "is unknown")
        #expect(try shop.send(.get, "/inventory/1").json["stock"] == 10)
    }

    /// A quote shows the discount of the order, and uses nothing.
    @Test func aQuoteUsesNothing() throws {
        let shop = try OrderTotalsTests.shop()
        try Self.coupon(#""kind":"percent","value":3333,"max_uses":1"#).succeeds(in: shop)
        _ = try shop.token(of: "ada")
        let before = try shop.contents()
        let quotes = try (1...3).map { _ in
            try Self.order(3, query: "?dry_run=true").succeeds(in: shop).json
        }
        #expect(try shop.contents() == before)
        let order = try Self.order(3).succeeds(in: shop).json
        for name in ["discount", "coupon", "shipping", "tax", "total", "items"] {
            #expect(quotes.allSatisfy { $0[name] == order[name] }, "\(name)")
        }
        // Not the order 1 on an engine that leaves gaps in ids.
        let list = try shop.send(.get, "/sales", as: "ada").json["data"]
        #expect(list?[0]?["coupon"] == "SAVE")
        #expect(try shop.send(.get, "/sales/coupons/SAVE", as: "sami").json["uses"] == 1)
    }

    /// Three buyers want a coupon with 50 uses 200 times at once, with products in any order.
    @Test func twoHundredOrdersForFiftyUses() throws {
        let shop = try TestShop()
        for step in [
            Self.coupon(#""kind":"amount","value":1,"max_uses":50"#),
            .init(.post, "/inventory/1/stock", as: "sami", #"{"delta":990,"reason":"a lorry"}"#),
            .init(.post, "/inventory/2/stock", as: "sami", #"{"delta":997,"reason":"a lorry"}"#),
            .init(.post, "/customers/ada/wallet/credit", as: "sami", #"{"amount":9000000}"#),
            .init(.post, "/customers/ben/wallet/credit", as: "sami", #"{"amount":9000000}"#),
            .init(.post, "/customers/mona/wallet/credit", as: "sami", #"{"amount":9000000}"#),
        ] { try step.succeeds(in: shop) }
        let people = ["ada", "ben", "mona"]
        for person in people { _ = try shop.token(of: person) }
        let sold = atOnce(200) { number in
            try? shop.send(
                .post, "/sales", as: people[number % 3],
                #"""
                {"coupon":"SAVE","items":[{"product_id":\#(number % 2 + 1),"quantity":1},\#
                {"product_id":\#(2 - number % 2),"quantity":1}]}
                """#)
        }
        #expect(sold.count { $0?.status == .created } == 50)
        #expect(try sold.count { try $0?.json["code"] == "coupon_invalid" } == 150)
        #expect(try shop.breaches() == [])
        // Cancellations and new orders at once: a use that is given back is used once.
        let ids = try sold.compactMap { try $0?.json["id"]?.integer }
        let after = atOnce(120) { number in
            number < 40
                ? try? shop.send(.post, "/sales/\(ids[number])/cancel", as: "sami")
                : try? shop.send(
                    .post, "/sales", as: people[number % 3],
                    #"{"coupon":"SAVE","items":[{"product_id":1,"quantity":1}]}"#)
        }
        #expect(after.prefix(40).count { $0?.status == .ok } == 40)
        let again = after.dropFirst(40).count { $0?.status == .created }
        #expect(again <= 40)
        let uses = try shop.send(.get, "/sales/coupons/SAVE", as: "sami").json["uses"]
        #expect(uses == .integer(Int64(10 + again)))
        #expect(try shop.breaches() == [])
    }

    static let damages: [(damage: SQL, subject: String)] = [
        (
            "UPDATE orders SET coupon = NULL WHERE id = 1", "order 1 shows 0 coupons, and uses 1"
        ),
        ("UPDATE orders SET coupon = 'OTHER' WHERE id = 1", "order 1 uses the coupon SAVE"),
        ("UPDATE coupon_uses SET customer_id = 2", "order 1 uses the coupon SAVE"),
        ("UPDATE coupon_uses SET order_id = 2", "order 2 uses the coupon SAVE"),
        (
            "UPDATE coupon_uses SET given_back_at = 1", "order 1 shows 1 coupons, and uses 0"
        ),
        ("DELETE FROM coupon_uses", "order 1 shows 1 coupons, and uses 0"),
    ]

    @Test(arguments: damages) func reports(damage: SQL, subject: String) throws {
        let shop = try OrderTotalsTests.shop()
        try Self.tenth.succeeds(in: shop)
        try Self.order(1).succeeds(in: shop)
        #expect(try shop.breaches() == [])
        try shop.store.write { try $0.run(damage) }
        let found = try shop.breaches()
        #expect(found.contains(subject), "\(found)")
    }
}
