import HTTP
import HTTPTypes
import Storage
import TestShop
import Testing

/// How a cart becomes an order, once.
@Suite struct CartCheckoutTests {
    @Test func theSameCartGivesTheSameOrder() throws {
        let shop = try TestShop()
        try shop.put(1, 2, as: "ada")
        _ = try shop.cart(.patch, "", #"{"note":"ring twice"}"#, as: "ada")
        let first = try shop.checkOut(500, as: "ada")
        #expect(first.status == .created && first.fields[.location] == "/sales/1")
        #expect(try first.json["note"] == "ring twice" && first.json["total"] == 500)
        let second = try shop.checkOut(500, as: "ada")
        #expect(second.status == .ok && second.text == first.text)
        #expect(try shop.count("orders") == 1)
        #expect(try shop.cart(as: "ada").quantities == [])
        #expect(try shop.checkOut(1, as: "ben").faults == ["cart_empty"])
        // The next cart is another one.
        try shop.put(2, 1, as: "ada")
        let third = try shop.checkOut(4000, as: "ada")
        #expect(try third.status == .created && third.json["id"] == 2)
        #expect(try shop.checkOut(4000, as: "ada").json["id"] == 2)
        #expect(try shop.breaches() == [])
    }

    /// A customer may check out the cart of a token, whose order then is theirs alone.
    @Test func aCustomerChecksOutTheCartOfAToken() throws {
        let shop = try TestShop()
        let token = try shop.newCart([(1, 1)])
        let first = try shop.checkOut(250, token: token, as: "ada")
        #expect(first.status == .created, "\(first.text)")
        #expect(try shop.checkOut(250, token: token, as: "ada").text == first.text)
        for account in ["ben", "sami", nil] {
            #expect(try shop.checkOut(250, token: token, as: account).status == .notFound)
            #expect(try shop.cart(token: token, as: account).status == .notFound)
        }
        let seen = try shop.cart(token: token, as: "ada")
        #expect(try seen.json["order_id"] == 1 && seen.problems == [] && seen.quantities == [])
        for answer in [
            try shop.cart(.put, "/items/1", #"{"quantity":1}"#, token: token, as: "ada"),
            try shop.cart(.delete, "/items/1", token: token, as: "ada"),
            try shop.cart(.patch, "", #"{"note":"x"}"#, token: token, as: "ada"),
            try shop.cart(.delete, token: token, as: "ada"),
        ] { #expect(try answer.json["code"] == "cart_checked_out", "\(answer.text)") }
        #expect(try shop.breaches() == [])
    }

    /// What an order does not need is deleted from the cart in its transaction.
    @Test func aCheckedOutCartKeepsNoPersonalData() throws {
        let shop = try TestShop()
        try shop.put(1, 1, as: "ada")
        _ = try shop.cart(.patch, "", #"{"note":"secret-note"}"#, as: "ada")
        // An address that a visitor's cart has from before the login.
        try shop.store.write { try $0.run("UPDATE carts SET email = 'a@example.com'") }
        _ = try shop.checkOut(250, as: "ada")
        let contents = try shop.contents()
        #expect(contents["cart_items"] == [])
        let kept = contents["carts"]?.joined() ?? ""
        #expect(!kept.contains("secret-note") && !kept.contains("example.com"), "\(kept)")
    }

    /// A failed checkout leaves the cart, the stock and the wallet as they were.
    @Test func aFailedCheckoutChangesNothing() throws {
        let shop = try TestShop()
        try shop.put(1, 1, as: "ben")
        try shop.put(1, 1, as: "ada")
        let before = try shop.contents()
        #expect(try shop.checkOut(250, as: "ben").json["code"] == "insufficient_funds")
        #expect(try shop.checkOut(249, as: "ada").json["code"] == "price_changed")
        #expect(try shop.checkOut(250).status == .notFound)
        #expect(try shop.contents() == before)
        let dry = try shop.send(
            .post, "/sales/carts/mine/checkout?dry_run=true", as: "ada", #"{"expected_total":250}"#)
        #expect(dry.status == .created && dry.fields[values: .dryRunName] == ["true"])
        #expect(try shop.contents() == before)
    }

    @Test(arguments: ["{}", #"{"expected_total":-1}"#, #"{"expected_total":1,"items":[]}"#])
    func rejectsAnInvalidBody(body: String) throws {
        let shop = try TestShop()
        try shop.put(1, 1, as: "ada")
        #expect(try shop.cart(.post, "/checkout", body, as: "ada").status.code == 422)
    }

    /// An idempotency key of one caller does not give another the order of a cart.
    @Test func anIdempotencyKeyIsIgnored() throws {
        let shop = try TestShop()
        try shop.put(1, 1, as: "ada")
        let before = try shop.count("idempotency_keys")
        let answer = try shop.send(
            .post, "/sales/carts/mine/checkout", as: "ada", #"{"expected_total":250}"#,
            fields: .key("k"))
        #expect(answer.status == .created)
        #expect(try shop.count("idempotency_keys") == before)
    }

    /// A cart may be ordered before it is paid; the units are held, and the cart is closed.
    @Test func paysByBankTransfer() throws {
        let shop = try TestShop()
        try shop.put(1, 2, as: "ben")
        let body = #"{"expected_total":500,"payment":{"method":"bank_transfer"}}"#
        let first = try shop.cart(.post, "/checkout", body, as: "ben")
        #expect(try first.status == .created && first.json["payment_status"] == "unpaid")
        #expect(try first.json["due"] == 500)
        #expect(try shop.cart(.post, "/checkout", body, as: "ben").text == first.text)
        let stock: Int64 = try shop.value("SELECT stock AS value FROM products WHERE id = 1")
        #expect(stock == 8)
        #expect(try shop.breaches() == [])
    }

    /// A visitor without an account buys by the e-mail address, and a retry shows the same token.
    @Test func aGuestChecksOut() throws {
        let shop = try TestShop()
        let token = try shop.newCart([(1, 2)])
        let body = #"{"expected_total":500,"payment":{"method":"bank_transfer"}}"#
        #expect(try shop.cart(.post, "/checkout", body, token: token).faults == ["email_missing"])
        _ = try shop.cart(.patch, "", #"{"email":"zoe@example.com"}"#, token: token)
        #expect(try shop.checkOut(500, token: token).status.code == 422)
        let first = try shop.cart(.post, "/checkout", body, token: token)
        #expect(try first.status == .created && first.json["username"] == .null, "\(first.text)")
        let secret = try #require(try first.json["order_token"]?.text)
        #expect(secret != token && secret.utf8.count == 43)
        let again = try shop.cart(.post, "/checkout", body, token: token)
        #expect(try again.status == .ok && again.json == first.json, "\(again.text)")
        #expect(try shop.count("orders") == 1)
        #expect(try !shop.dump().contains(secret))
        let name = try #require(HTTPField.Name("Souk-Order"))
        #expect(try shop.send(.get, "/sales/1", fields: [name: secret]).status == .ok)
        #expect(try shop.send(.get, "/sales/1", fields: [name: token]).status == .notFound)
        #expect(try shop.cart(.post, "/claim", token: token, as: "ada").status == .conflict)
        #expect(try shop.breaches() == [])
    }

    /// Gift cards pay first; a retry with the redeemed cards returns the order.
    @Test func giftCardsPayFirst() throws {
        let shop = try TestShop()
        let cards =
            try shop.send(
                .post, "/sales/gift-cards", as: "sami", #"{"amount":200,"count":2}"#
            ).json["data"]?.elements.compactMap { $0["code"]?.text } ?? []
        try shop.put(1, 1, as: "ben")
        func checkOut(_ codes: [String]) throws -> Response {
            let list = codes.map { "\"\($0)\"" }.joined(separator: ",")
            return try shop.cart(
                .post, "/checkout", #"{"expected_total":250,"gift_cards":[\#(list)]}"#, as: "ben")
        }
        #expect(try checkOut([cards[0]]).json["code"] == "insufficient_funds")
        #expect(try checkOut([cards[0], cards[0]]).status.code == 422)
        #expect(
            try checkOut([cards[0], "AAAA-BBBB-CCCC-DDDD"]).json["code"] == "gift_card_invalid")
        let first = try checkOut(cards)
        #expect(first.status == .created, "\(first.text)")
        #expect(try checkOut(cards).text == first.text)
        let balance = try shop.send(.get, "/customers/ben/wallet", as: "ben").json["balance"]
        #expect(balance == 150)
        for number in 0..<8 {
            try shop.put(1, 1, as: "ben")
            let answer = try checkOut(["WRONG-CODE-\(number)"])
            #expect(answer.status.code == (number < 4 ? 409 : 429) || number == 4, "\(answer.text)")
        }
        #expect(try shop.breaches() == [])
    }

    /// Concurrent checkouts of one cart make one order, and all answer with it.
    @Test func concurrentCheckoutsMakeOneOrder() throws {
        let shop = try TestShop()
        _ = try shop.token(of: "ada")
        for round in 1...5 {
            let token = round.isMultiple(of: 2) ? nil : try shop.newCart([(1, 1)])
            if token == nil { try shop.put(1, 1, as: "ada") }
            let answers = try atOnce(20) { _ in
                Result { try shop.checkOut(250, token: token, as: "ada") }
            }.map { try $0.get() }
            #expect(answers.count { $0.status == .created } == 1)
            #expect(answers.count { $0.status == .ok } == 19, "\(answers.map(\.status))")
            #expect(Set(answers.map(\.text)).count == 1)
            #expect(try shop.count("orders") == round)
        }
        #expect(try shop.breaches() == [])
    }

    /// 50 changes and a checkout at once: the order has the quantity of some change before it.
    @Test func changesAndACheckoutAtOnce() throws {
        let shop = try TestShop()
        _ = try shop.token(of: "ada")
        let token = try shop.newCart([(1, 1)])
        let answers = try atOnce(51) { number in
            Result {
                number == 25
                    ? try shop.checkOut(250, token: token, as: "ada")
                    : try shop.cart(
                        .put, "/items/1", #"{"quantity":\#(number % 3 + 1)}"#, token: token,
                        as: "ada")
            }
        }.map { try $0.get() }
        let bought = answers[25]
        let changes = answers.indices.filter { $0 != 25 }.map { answers[$0] }
        if bought.status == .created {
            #expect(try bought.json["items"]?[0]?["quantity"] == 1)
            #expect(changes.allSatisfy { [200, 409].contains($0.status.code) })
        } else {
            // A change has come first, and the total is another one.
            #expect(try bought.json["code"] == "price_changed", "\(bought.text)")
            #expect(changes.allSatisfy { $0.status == .ok })
        }
        #expect(try shop.count("orders") == (bought.status == .created ? 1 : 0))
        #expect(try shop.breaches() == [])
    }

    /// Carts with the same products in another order do not block each other for ever.
    @Test func cartsOfManyCustomersAtOnce() throws {
        let shop = try TestShop()
        let accounts = ["ada", "mona", "sami", "adil"]
        for account in accounts.dropFirst() {
            let admin = account == "adil" ? "sami" : "adil"
            try Scenario.Step(
                .post, "/customers/\(account)/wallet/credit", as: admin, #"{"amount":100000}"#
            ).succeeds(in: shop)
        }
        _ = try accounts.map(shop.token)
        let answers = try atOnce(24) { number in
            Result {
                let account = accounts[number % 4]
                let token = try shop.newCart(
                    number.isMultiple(of: 2) ? [(1, 1), (2, 1)] : [(2, 1), (1, 1)])
                if number % 3 == 0 {
                    _ = try shop.cart(.post, "/claim", token: token, as: account)
                    return try shop.cart(as: account)
                }
                return try shop.checkOut(4250, token: token, as: account)
            }
        }.map { try $0.get() }
        #expect(answers.allSatisfy { $0.status.code < 500 }, "\(answers.map(\.status.code))")
        #expect(answers.count { $0.status == .created } == 3)
        #expect(try shop.breaches() == [])
    }
}

extension HTTPField.Name {
    fileprivate static var dryRunName: HTTPField.Name {
        guard let name = HTTPField.Name("Dry-Run") else { return .allow }
        return name
    }
}
