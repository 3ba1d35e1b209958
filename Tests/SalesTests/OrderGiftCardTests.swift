import HTTP
import Storage
import TestShop
import Testing

/// Orders that gift cards pay.
@Suite struct OrderGiftCardTests {
    /// Codes of new cards.
    private static func cards(_ amount: Int, _ count: Int = 1, in shop: TestShop) throws -> [String]
    {
        let made = try Scenario.Step(
            .post, "/sales/gift-cards", as: "sami", #"{"amount":\#(amount),"count":\#(count)}"#
        ).succeeds(in: shop)
        return try #require(try made.json["data"]?.elements.compactMap { $0["code"]?.text })
    }

    private func buy(
        _ pens: Int, with codes: [String], as account: String = "ben", more: String = "",
        query: String = "", key: String? = nil, from address: String = "192.0.2.1",
        in shop: TestShop
    ) throws -> Response {
        let list = codes.map { "\"\($0)\"" }.joined(separator: ",")
        return try shop.send(
            .post, "/sales\(query)", as: account,
            #"{"items":[{"product_id":1,"quantity":\#(pens)}],"gift_cards":[\#(list)]\#(more)}"#,
            fields: key.map { .key($0) } ?? [:], from: address)
    }

    private func balance(of name: String = "ben", in shop: TestShop) throws -> JSON? {
        try shop.send(.get, "/customers/\(name)/wallet", as: name).json["balance"]
    }

    /// Two cards of 300 pay 500; the rest stays in the wallet.
    @Test func cardsPayFirst() throws {
        let shop = try TestShop()
        let codes = try Self.cards(300, 2, in: shop)
        let sold = try buy(2, with: [codes[1], codes[0].uppercased()], in: shop)
        #expect(sold.status == .created, "\(sold.text)")
        #expect(try balance(in: shop) == 100)
        let entries = try shop.send(.get, "/customers/ben/wallet/entries", as: "ben").json["data"]
        let found = try #require(entries?.elements)
        #expect(found.map { $0["kind"]?.text } == ["purchase", "gift_card", "gift_card"])
        #expect(found.allSatisfy { $0["actor"] == "ben" })
        let id = try #require(sold.json["id"])
        #expect(found.allSatisfy { $0["order_id"] == id })
        let again = try buy(1, with: [codes[0]], in: shop)
        #expect(try again.json["code"] == "gift_card_invalid")
        #expect(try shop.breaches() == [])
    }

    /// A card that is wrong, among right ones too, changes nothing but the count of guesses.
    @Test func aWrongCardChangesNothing() throws {
        let shop = try TestShop()
        let codes = try Self.cards(300, 2, in: shop)
        _ = try shop.token(of: "ben")
        func money() throws -> Int64 {
            try shop.value("SELECT CAST(SUM(balance) AS BIGINT) AS value FROM customers")
        }
        let before = try money()
        for list in [[codes[0], "wrong"], ["wrong"]] {
            let answer = try buy(1, with: list, in: shop)
            #expect(answer.status.code == 409)
            #expect(try answer.json["code"] == "gift_card_invalid")
        }
        #expect(try money() == before)
        #expect(try shop.send(.get, "/inventory/1").json["stock"] == 10)
        #expect(try buy(1, with: [codes[0]], in: shop).status == .created)
        // Money is too little, so the card stays open.
        #expect(try buy(9, with: [codes[1]], in: shop).json["code"] == "insufficient_funds")
        // And if the stock is short, that comes first: the stock cannot be found out.
        #expect(try buy(900, with: [codes[1]], in: shop).json["code"] == "insufficient_funds")
        #expect(try buy(1, with: [codes[1]], in: shop).status == .created)
        #expect(try shop.breaches() == [])
    }

    @Test func readsDifferentCodesOnly() throws {
        let shop = try TestShop()
        let code = try Self.cards(300, in: shop)[0]
        for codes in [[code, code], [code, code.uppercased()], Array(repeating: "x", count: 11)] {
            let answer = try buy(1, with: codes, in: shop)
            #expect(answer.status.code == 422, "\(answer.text)")
        }
        #expect(try buy(1, with: [], as: "ada", in: shop).status == .created)
    }

    @Test func aQuoteRedeemsNothing() throws {
        let shop = try TestShop()
        let code = try Self.cards(300, in: shop)[0]
        _ = try shop.token(of: "ben")
        let before = try shop.contents()
        let quote = try buy(1, with: [code], query: "?dry_run=true", in: shop)
        #expect(quote.status == .created, "\(quote.text)")
        #expect(try shop.contents() == before)
        #expect(try buy(1, with: [code], in: shop).status == .created)
    }

    /// The same limit as for a wallet, with the same counter.
    @Test func slowsDownGuesses() throws {
        let shop = try TestShop()
        let code = try Self.cards(300, in: shop)[0]
        for number in 1...5 {
            let query = number % 2 == 0 ? "?dry_run=true" : ""
            #expect(try buy(1, with: ["wrong"], query: query, in: shop).status.code == 409)
        }
        let locked = try buy(1, with: [code], in: shop)
        #expect(locked.status.code == 429 && locked.fields[.retryAfter] == "1")
        #expect(try locked.json["code"] == "too_many_guesses")
        let wallet = try shop.send(
            .post, "/customers/ben/wallet/gift-cards", as: "ben", #"{"code":"\#(code)"}"#)
        #expect(wallet.status.code == 429)
        // Orders without codes go on, and so do other accounts.
        #expect(try shop.send(CreateOrderTests.buy(1, 1, as: "ben")).status.code == 409)
        #expect(try buy(1, with: ["wrong"], as: "ada", in: shop).status.code == 409)
        shop.clock.pass(seconds: 2)
        #expect(try buy(1, with: ["wrong"], in: shop).status.code == 409)
        shop.clock.pass(seconds: 5)
        #expect(try buy(1, with: [code], in: shop).status.code == 201)
    }

    /// Unknown coupons are counted, those that do not apply are not.
    @Test func slowsDownGuessesOfCoupons() throws {
        let shop = try TestShop()
        try Scenario.Step(
            .post, "/sales/coupons", as: "sami",
            #"{"code":"DEAR","kind":"free_shipping","min_subtotal":99999}"#
        ).succeeds(in: shop)
        for _ in 1...25 {
            let answer = try buy(1, with: [], as: "ada", more: #","coupon":"DEAR""#, in: shop)
            #expect(answer.status.code == 409)
        }
        for number in 1...5 {
            let guess = #","coupon":"GUESS-\#(number)""#
            #expect(try buy(1, with: [], as: "ada", more: guess, in: shop).status.code == 409)
        }
        let locked = try buy(1, with: [], as: "ada", more: #","coupon":"DEAR""#, in: shop)
        #expect(try locked.json["code"] == "too_many_guesses")
        #expect(try buy(1, with: [], as: "ada", in: shop).status == .created)
    }

    /// The member of staff is the actor, and cannot use a card of their own.
    @Test func staffRedeemForACustomer() throws {
        let shop = try TestShop()
        let code = try Self.cards(300, in: shop)[0]
        let own = try buy(1, with: [code], as: "sami", more: #","customer":"ben""#, in: shop)
        #expect(own.status.code == 403)
        #expect(try own.json["code"] == "own_account")
        let sold = try buy(1, with: [code], as: "adil", more: #","customer":"ben""#, in: shop)
        #expect(sold.status == .created, "\(sold.text)")
        #expect(try balance(in: shop) == 50)
        let entries = try shop.send(.get, "/customers/ben/wallet/entries", as: "ben").json["data"]
        #expect(entries?.elements.allSatisfy { $0["actor"] == "adil" } == true)
        #expect(try shop.breaches() == [])
    }

    /// A lost answer is repeated, although the card is redeemed by then.
    @Test func aRetryGetsTheSameOrder() throws {
        let shop = try TestShop()
        let code = try Self.cards(300, in: shop)[0]
        let first = try buy(1, with: [code], key: "k", in: shop)
        #expect(first.status == .created, "\(first.text)")
        let second = try buy(1, with: [code], key: "k", in: shop)
        #expect(second.status == .created && second.body == first.body)
        let failures: Int64 = try shop.value("SELECT COUNT(*) AS value FROM login_failures")
        #expect(failures == 0)
    }

    /// Orders of many buyers want the same cards in any order, while wallets redeem them too.
    @Test func eachCardPaysOnce() throws {
        let shop = try TestShop()
        try Scenario.Step(
            .post, "/inventory/1/stock", as: "sami", #"{"delta":990,"reason":"a lorry"}"#
        ).succeeds(in: shop)
        let codes = try Self.cards(250, 6, in: shop)
        let names = (1...20).map { "buyer\($0)" }
        try shop.addCustomers(names)
        for name in names { _ = try shop.token(of: name) }
        let answers = atOnce(60) { number in
            let name = names[number % 20]
            let start = number % 6
            let pair = [codes[start], codes[(start + 1 + number % 3) % 6]]
            return number % 4 == 0
                ? try? shop.send(
                    .post, "/customers/\(name)/wallet/gift-cards", as: name,
                    #"{"code":"\#(codes[start])"}"#)
                : try? buy(1, with: number % 8 < 4 ? pair : pair.reversed(), as: name, in: shop)
        }
        #expect(answers.allSatisfy { [201, 409, 429].contains($0?.status.code) })
        let credited: Int64 = try shop.value(
            "SELECT CAST(SUM(amount) AS BIGINT) AS value FROM wallet_entries WHERE kind = 'gift_card'"
        )
        #expect(credited > 0 && credited <= 1500)
        #expect(try shop.breaches() == [])
    }
}
