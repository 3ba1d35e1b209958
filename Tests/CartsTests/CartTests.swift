import HTTP
import HTTPTypes
import Storage
import TestShop
import Testing

/// The life of a cart before its checkout.
@Suite struct CartTests {
    @Test func aGuestFillsACart() throws {
        let shop = try TestShop()
        let made = try shop.send(.post, "/sales/carts")
        #expect(made.status == .created && made.fields[.location] == "/sales/carts/mine")
        #expect(made.fields[.cacheControl] == "private, no-store")
        let token = try #require(try made.json["token"]?.text)
        #expect(token.utf8.count == 43)
        #expect(try made.json["cart"]?["expires_at"] == "2026-11-19T12:00:00.000Z")
        try shop.put(2, 1, token: token)
        shop.clock.pass(seconds: 1)
        let filled = try shop.put(1, 3, token: token)
        #expect(try filled.quantities == [[2, 1], [1, 3]])
        #expect(try filled.json["total"] == 4750 && filled.json["subtotal"] == 4750)
        #expect(try filled.json["items"]?[1]?["total"] == 750)
        #expect(try filled.json["items"]?[1]?["name"] == "pen")
        #expect(try filled.json["expires_at"] == "2026-12-02T12:00:00.000Z")
        let seen = try shop.cart(token: token)
        #expect(seen.text == filled.text && seen.fields[.eTag] == filled.fields[.eTag])
        #expect(try shop.put(2, 0, token: token).quantities == [[1, 3]])
        let emptied = try shop.cart(.delete, "/items/1", token: token)
        #expect(emptied.status == .noContent && emptied.body.isEmpty)
        #expect(try shop.cart(token: token).json["expires_at"] == "2026-11-19T12:00:00.000Z")
        #expect(
            try shop.cart(.delete, "/items/1", token: token).json["code"] == "cart_item_not_found")
        #expect(try shop.cart(.delete, token: token).status == .noContent)
        #expect(try shop.cart(token: token).json["code"] == "cart_not_found")
        #expect(try shop.count("carts") == 0)
    }

    @Test func onlyAHashOfTheTokenIsStored() throws {
        let shop = try TestShop()
        let token = try shop.newCart([(1, 1)])
        #expect(try !shop.dump().contains(token))
    }

    /// A request names its cart by the token, or else by the account.
    @Test func findsTheCartOfTheTokenOrOfTheCaller() throws {
        let shop = try TestShop()
        let token = try shop.newCart([(1, 1)])
        try shop.put(2, 2, as: "ada")
        #expect(try shop.cart(token: token, as: "ada").quantities == [[1, 1]])
        #expect(try shop.cart(as: "ada").quantities == [[2, 2]])
        #expect(try shop.cart(as: "ben").quantities == [])
        #expect(try shop.cart().json["code"] == "cart_not_found")
        for wrong in [
            "x", String(repeating: "A", count: 43), String(token.dropLast()), "\(token)A",
        ] {
            for account in [nil, "ada"] {
                #expect(try shop.cart(token: wrong, as: account).status == .notFound)
                #expect(
                    try shop.cart(.put, "/items/1", #"{"quantity":1}"#, token: wrong, as: account)
                        .status == .notFound)
            }
        }
        #expect(try shop.send(.get, "/sales/carts/mine?souk_cart=\(token)").status.code == 422)
    }

    /// The cart of a customer has no row before the first change, and one row after it.
    @Test func aCustomersCartIsMadeOnFirstUse() throws {
        let shop = try TestShop()
        let empty = try shop.cart(as: "ada")
        #expect(try empty.json["created_at"] == .null && empty.problems == ["cart_empty"])
        #expect(try shop.count("carts") == 0)
        #expect(try shop.cart(.delete, as: "ada").status == .notFound)
        let filled = try shop.put(1, 1, as: "ada")
        #expect(try filled.json["expires_at"] == "2026-12-18T12:00:00.000Z")
        try shop.put(1, 2, as: "ada")
        #expect(try shop.count("carts") == 1)
    }

    @Test func choicesAreKept() throws {
        let shop = try TestShop()
        let token = try shop.newCart([(1, 1)])
        let address = #"{"name":"Ada","lines":["1 Main St"],"city":"York","country":"GB"}"#
        let body = #"""
            {"shipping_address":\#(address),"billing_address":\#(address),"shipping_method":7,\#
            "email":"ada@example.com","note":"ring twice"}
            """#
        let changed = try shop.cart(.patch, "", body, token: token)
        #expect(try changed.json["shipping_address"]?["lines"]?[0] == "1 Main St")
        #expect(try changed.json["shipping_method"] == 7 && changed.json["note"] == "ring twice")
        #expect(try changed.json["email"] == "ada@example.com")
        let cleared = try shop.cart(
            .patch, "", #"{"shipping_address":null,"note":null}"#, token: token)
        #expect(try cleared.json["shipping_address"] == .null && cleared.json["note"] == .null)
        #expect(try cleared.json["billing_address"]?["city"] == "York")
    }

    @Test func aSavedAddressIsCopied() throws {
        let shop = try TestShop()
        let address = #"{"name":"Ada","lines":["1 Main St"],"city":"York","country":"GB"}"#
        _ = try shop.send(.post, "/customers/ada/addresses", as: "ada", address)
        let body = #"{"shipping_address":1}"#
        #expect(
            try shop.cart(.patch, "", body, as: "ada").json["shipping_address"]?["city"] == "York")
        _ = try shop.send(.delete, "/customers/ada/addresses/1", as: "ada")
        #expect(try shop.cart(as: "ada").json["shipping_address"]?["city"] == "York")
        for account in ["ben", nil] {
            let token = try account == nil ? shop.newCart() : nil
            let answer = try shop.cart(.patch, "", body, token: token, as: account)
            #expect(answer.status.code == 422, "\(answer.text)")
        }
    }

    /// An account has an address of its own, as in an order.
    @Test func anAccountSendsNoEmail() throws {
        let shop = try TestShop()
        let body = #"{"email":"ada@example.com"}"#
        let token = try shop.newCart([(1, 1)])
        for token in [nil, token] {
            let answer = try shop.cart(.patch, "", body, token: token, as: "ada")
            #expect(try answer.status.code == 422 && answer.json["errors"]?[0]?["field"] == "email")
        }
        #expect(try shop.cart(.patch, "", #"{"email":null}"#, as: "ada").status == .ok)
        #expect(try shop.cart(.patch, "", body, token: token).json["email"] == "ada@example.com")
        // A claim does not bring it along.
        let claimed = try shop.cart(.post, "/claim", token: token, as: "ada")
        #expect(try claimed.status == .ok && claimed.json["email"] == .null)
    }

    @Test(arguments: [
        #"{"shipping_address":"York"}"#, #"{"shipping_address":{"name":"A"}}"#, #"{"email":"ada"}"#,
        #"{"note":""}"#, #"{"coupon":"A B"}"#, #"{"shipping_method":0}"#, #"{"gift_cards":[]}"#,
    ]) func rejectsInvalidChoices(body: String) throws {
        let shop = try TestShop()
        #expect(try shop.cart(.patch, "", body, token: shop.newCart()).status.code == 422)
    }

    @Test(arguments: ["-1", "1000001", "1.5", "\"1\"", "null"])
    func rejectsInvalidQuantities(quantity: String) throws {
        let shop = try TestShop()
        let answer = try shop.cart(
            .put, "/items/1", #"{"quantity":\#(quantity)}"#, token: shop.newCart())
        #expect(answer.status.code == 422)
    }

    @Test func aCartHoldsAHundredProducts() throws {
        let shop = try TestShop()
        for number in 3...101 {
            let body = #"{"name":"p\#(number)","category":"paper","price":1,"stock":1}"#
            _ = try shop.send(.post, "/inventory", as: "sami", body)
        }
        let token = try shop.newCart((1...100).map { ($0, 1) })
        let more = try shop.cart(.put, "/items/101", #"{"quantity":1}"#, token: token)
        #expect(try more.status.code == 422 && more.json["code"] == "quota_exceeded")
        #expect(try shop.put(100, 2, token: token).quantities.count == 100)
        // Two carts that hold more together are not merged, and stay as they are.
        try shop.put(101, 1, as: "ada")
        let claim = try shop.cart(.post, "/claim", token: token, as: "ada")
        #expect(try claim.json["code"] == "quota_exceeded")
        #expect(try shop.cart(token: token).quantities.count == 100)
    }

    /// The ETag of a cart guards every change of it.
    @Test func changesTakeTheETagOfTheCart() throws {
        let shop = try TestShop()
        let first = try shop.put(1, 1, as: "ada")
        let tag = try #require(first.fields[.eTag])
        func change(_ method: HTTPRequest.Method, _ path: String, _ body: String?, _ tag: String)
            throws -> Response
        {
            try shop.send(
                method, "/sales/carts/mine\(path)", as: "ada", body, fields: [.ifMatch: tag])
        }
        let changes: [(HTTPRequest.Method, String, String?)] = [
            (.put, "/items/1", #"{"quantity":5}"#), (.delete, "/items/1", nil),
            (.patch, "", #"{"note":"x"}"#), (.delete, "", nil),
        ]
        for (method, path, body) in changes {
            #expect(try change(method, path, body, #""x""#).status == .preconditionFailed)
        }
        #expect(try change(.put, "/items/1", #"{"quantity":5}"#, tag).status == .ok)
        #expect(try change(.patch, "", #"{"note":"x"}"#, tag).status == .preconditionFailed)
        #expect(
            try shop.send(
                .post, "/sales/carts/mine/checkout", as: "ada", #"{"expected_total":1}"#,
                fields: [.ifMatch: tag]
            ).status.code == 422)
    }

    /// A wrong code of a coupon is a wrong guess, as with the check of a coupon.
    @Test func countsUnknownCoupons() throws {
        let shop = try TestShop()
        let token = try shop.newCart([(1, 1)])
        let statuses = try (0..<25).map { number in
            try shop.cart(.patch, "", #"{"coupon":"NONE-\#(number)"}"#, token: token).status.code
        }
        #expect(statuses.prefix(20).allSatisfy { $0 == 409 }, "\(statuses)")
        #expect(statuses.last == 429, "\(statuses)")
    }
}
