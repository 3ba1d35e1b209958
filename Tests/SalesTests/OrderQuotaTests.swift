import HTTP
import Service
import Storage
import TestShop
import Testing

private typealias Guest = GuestOrderTests
private typealias Unpaid = UnpaidOrderTests

/// How many orders may wait for money, and how many codes a guest may guess.
@Suite struct OrderQuotaTests {
    @Test func boundsWhatGuestsHold() throws {
        let shop = try stocked()
        var paths: [String] = []
        for _ in 1...5 { paths.append(try Guest.buy(in: shop).path) }
        let sixth = try shop.send(Guest.order(Guest.body("GAIL@example.com")))
        #expect(try sixth.json["code"] == "quota_exceeded")
        for number in 6...20 { _ = try Guest.buy(Guest.body("g\(number)@example.com"), in: shop) }
        let more = try shop.send(Guest.order(Guest.body("other@example.com")))
        #expect(try more.json["code"] == "quota_exceeded")
        let elsewhere = try shop.send(
            .post, "/sales", as: nil, Guest.body("other@example.com"), from: "198.51.100.7")
        #expect(elsewhere.status == .created)
        // An order that ends frees its place.
        try Scenario.Step(.post, "\(paths[0])/cancel", as: "sami").succeeds(in: shop)
        _ = try Guest.buy(in: shop)
        #expect(try shop.breaches() == [])
    }

    /// A quarter of the stock for an address and for a network, but 20 units always.
    @Test func boundsTheUnitsThatGuestsHold() throws {
        let shop = try stocked()
        func buy(
            _ pens: Int, _ email: String, from address: String = "192.0.2.1", query: String = ""
        )
            throws -> Response
        {
            try shop.send(
                .post, "/sales\(query)", as: nil, Guest.body(email, pens: pens), from: address)
        }
        for query in ["?dry_run=true", ""] {
            let answer = try buy(251, "g@example.com", query: query)
            #expect(try answer.json["code"] == "quota_exceeded")
            #expect(try answer.json["errors"]?[0]?["field"] == "items[0].quantity")
        }
        let first = try buy(200, "g@example.com")
        #expect(first.status == .created)
        #expect(try buy(51, "h@example.com").status.code == 422)
        #expect(try buy(51, "G@example.com", from: "198.51.100.7").status.code == 422)
        #expect(try buy(50, "h@example.com").status == .created)
        #expect(try buy(100, "i@example.com", from: "198.51.100.7").status == .created)
        // What is paid or cancelled does not count, and an account has no such limit.
        try Scenario.Step(
            .post, "/sales/\(try #require(first.json["id"]?.integer))/cancel", as: "sami"
        ).succeeds(in: shop)
        #expect(try buy(150, "g@example.com").status == .created)
        try Scenario.Step(
            .post, "/sales", as: "ada",
            #"{"items":[{"product_id":1,"quantity":650}],"payment":{"method":"bank_transfer"}}"#
        ).succeeds(in: shop)
        #expect(try shop.breaches() == [])
        let few = try TestShop()
        #expect(try few.send(Guest.order(Guest.body(pens: 10))).status == .created)
    }

    /// Codes of gift cards and coupons are limited by network.
    @Test func limitsGuessesByNetwork() throws {
        let shop = try TestShop()
        let made = try Scenario.Step(
            .post, "/sales/gift-cards", as: "sami", #"{"amount":300,"count":1}"#
        ).succeeds(in: shop)
        let code = try #require(try made.json["data"]?[0]?["code"]?.text)
        func buy(_ code: String, from address: String = "192.0.2.1") throws -> Response {
            try shop.send(
                .post, "/sales", as: nil, Guest.body(more: #","gift_cards":["\#(code)"]"#),
                from: address)
        }
        for _ in 1...5 { #expect(try buy("wrong").status.code == 409) }
        #expect(try buy(code).status.code == 429)
        let sold = try buy(code, from: "198.51.100.7").json
        #expect(sold["payment_status"] == "paid" && sold["gift_card_amount"] == 300)
        #expect(try shop.breaches() == [])
        for number in 1...20 {
            let guess = Guest.body(more: #","coupon":"GUESS-\#(number)""#)
            #expect(try shop.send(Guest.order(guess)).status.code == 409)
        }
        let locked = try shop.send(Guest.order(Guest.body(more: #","coupon":"GUESS""#)))
        #expect(try locked.json["code"] == "too_many_guesses")
    }

    private func stocked() throws -> TestShop {
        let shop = try TestShop()
        try Scenario.Step(
            .post, "/inventory/1/stock", as: "sami", #"{"delta":990,"reason":"a lorry"}"#
        ).succeeds(in: shop)
        return shop
    }

    /// The number of concurrent orders that are accepted; the others exceed a limit.
    private func accepted(_ count: Int, _ send: @escaping @Sendable (Int) throws -> Response)
        -> Int
    {
        let answers = atOnce(count) { try? send($0) }
        let codes = answers.map { $0?.status.code ?? 0 }
        #expect(codes.allSatisfy { $0 == 201 || $0 == 422 }, "\(codes)")
        return codes.count { $0 == 201 }
    }

    @Test func customersHaveAFewUnpaidOrders() throws {
        let shop = try TestShop()
        let step = Unpaid.order(#"{"method":"bank_transfer"}"#, quantity: 1)
        try Scenario.Step(
            .post, "/inventory/2/stock", as: "sami", #"{"delta":30,"reason":"received"}"#
        ).succeeds(in: shop)
        for _ in 1...20 { try step.succeeds(in: shop) }
        try Scenario("", step, gives: 422, code: "quota_exceeded").play(in: shop)
        try Scenario.Step(.post, "/sales/7/cancel", as: "ada").succeeds(in: shop)
        try Scenario("", step, gives: 201).play(in: shop)
    }

    @Test func anOrderHasAFewBookings() throws {
        let shop = try TestShop()
        try Unpaid.transfer.succeeds(in: shop)
        for _ in 1...100 { try Unpaid.book(1).succeeds(in: shop) }
        try Scenario("", Unpaid.book(1), gives: 422, code: "quota_exceeded").play(in: shop)
        // An order that the wallet has paid shows no payments.
        try Unpaid.order(#"{"method":"wallet"}"#, quantity: 1).succeeds(in: shop)
        try Scenario("", Unpaid.book(1, of: 2), gives: 409, code: "order_not_due").play(in: shop)
    }

    @Test func concurrentGuestsKeepTheLimits() throws {
        let shop = try stocked()
        let ofAddress = accepted(24) {
            try shop.send(
                .post, "/sales", as: nil, Guest.body($0 % 2 == 0 ? "g@a.example" : "G@a.example"),
                from: "198.51.100.\($0)")
        }
        #expect(ofAddress == 5)
        let ofNetwork = accepted(40) {
            try shop.send(
                .post, "/sales", as: nil, Guest.body("g\($0)@b.example"), from: "203.0.113.1")
        }
        #expect(ofNetwork == 20)
        #expect(try shop.breaches() == [])
    }

    /// Different products, whose rows do not make the orders wait for each other.
    @Test func concurrentOrdersOfAnAccountKeepTheLimit() throws {
        let shop = try TestShop()
        for number in 3...32 {
            try Scenario.Step(
                .post, "/inventory", as: "sami",
                #"{"name":"pen \#(number)","category":"paper","price":250,"stock":1}"#
            ).succeeds(in: shop)
        }
        _ = try shop.token(of: "ada")
        let count = accepted(30) { number in
            try shop.send(
                .post, "/sales", as: "ada",
                #"""
                {"items":[{"product_id":\#(number + 3),"quantity":1}],\#
                "payment":{"method":"bank_transfer"}}
                """#)
        }
        #expect(count == 20)
        #expect(try shop.breaches() == [])
    }

    /// Each order sends a message, also if it is cancelled at once.
    @Test func boundsTheMessagesToAnAddress() throws {
        let shop = try stocked()
        for _ in 1...20 {
            let (path, token) = try Guest.buy(in: shop)
            let cancelled = try shop.send(
                .post, "\(path)/cancel", as: nil, fields: Guest.with(token))
            #expect(cancelled.status == .ok)
        }
        let next = try shop.send(Guest.order(Guest.body("GAIL@example.com")))
        #expect(try next.json["code"] == "quota_exceeded")
        _ = try Guest.buy(Guest.body("other@example.com"), in: shop)
        shop.clock.pass(seconds: 24 * 60 * 60)
        _ = try Guest.buy(in: shop)
        #expect(try shop.breaches() == [])
    }
}
