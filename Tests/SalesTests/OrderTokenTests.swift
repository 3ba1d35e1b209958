import HTTP
import HTTPTypes
import Service
import TestShop
import Testing

private typealias Guest = GuestOrderTests

/// The token with which a guest reads an order.
@Suite struct OrderTokenTests {
    /// Every wrong token is the same 404.
    @Test func aWrongTokenIsNotFound() throws {
        let shop = try TestShop()
        let (path, token) = try Guest.buy(in: shop)
        let (other, otherToken) = try Guest.buy(in: shop)
        let unknown = try shop.send(.get, "/sales/999", as: nil, fields: Guest.with(token))
        #expect(unknown.status == .notFound)
        let wrong = [
            "x", otherToken, String(token.dropLast()), token + "A", "Bearer \(token)",
            String(repeating: "a", count: 1_000_000),
        ]
        for text in wrong {
            for (method, target) in [
                (.get, path), (.get, "\(path)/payments"), (.post, "\(path)/cancel"),
            ] as [(HTTPRequest.Method, String)] {
                let answer = try shop.send(method, target, as: nil, fields: Guest.with(text))
                #expect(answer.status == .notFound)
                #expect(answer.text == unknown.text)
            }
        }
        #expect(
            try shop.send(.get, other, as: nil, fields: Guest.with(otherToken)).status == .ok)
        // No header is 401, and an account's token counts alone.
        #expect(try shop.send(.get, path, as: nil).status == .unauthorized)
        let ben = try shop.send(.get, path, as: "ben", fields: Guest.with(token))
        #expect(ben.status == .notFound && ben.text == unknown.text)
        // The token opens nothing else.
        for target in [
            "/sales", "/sales/payments", "/customers/guest~6", "/customers/guest~6/wallet",
        ] {
            let answer = try shop.send(.get, target, as: nil, fields: Guest.with(token))
            #expect(answer.status == .unauthorized, "\(target)")
        }
        #expect(
            try shop.send(.post, "\(path)/ship", as: nil, "{}", fields: Guest.with(token)).status
                == .unauthorized)
    }

    @Test func theTokenPaysAgainAndAsksForAReturn() throws {
        let shop = try TestShop()
        let (path, token) = try Guest.buy(in: shop)
        let card = try shop.send(
            .post, "\(path)/payments", as: nil,
            #"{"method":"card","return_url":"https://shop.example"}"#, fields: Guest.with(token))
        #expect(card.status == .created, "\(card.text)")
        #expect(try card.json["amount"] == 250 && card.json["username"] == .null)
        try Guest.book(250, of: path).succeeds(in: shop)
        for step in ["ship", "deliver"] {
            try Scenario.Step(.post, "\(path)/\(step)", as: "sami").succeeds(in: shop)
        }
        let wish = try shop.send(
            .post, "\(path)/returns", as: nil,
            #"{"items":[{"product_id":1,"quantity":1}],"kind":"withdrawal"}"#,
            fields: Guest.with(token))
        #expect(wish.status == .created, "\(wish.text)")
        #expect(try wish.json["status"] == "requested")
        #expect(wish.fields[.location] == "\(path)/returns/1")
        #expect(try shop.breaches() == [])
    }

    /// The token reads the payments of its order, also the one in `Location`, and waits for it.
    @Test func readsThePaymentsOfItsOrder() throws {
        let shop = try TestShop(payments: TestShop.payments)
        let body = Guest.body(method: #"card","return_url":"https://a.example"#)
        let (path, token) = try Guest.buy(body, in: shop)
        let (_, otherToken) = try Guest.buy(body, in: shop)
        let made = try Scenario.Step(
            .post, "\(path)/payments", #"{"method":"card","return_url":"https://a.example"}"#,
            fields: Guest.with(token)
        ).succeeds(in: shop)
        let location = try #require(made.fields[.location])
        for target in [location, "/sales/payments/1", "/sales/payments/1?wait=0"] {
            let right = try shop.send(.get, target, as: nil, fields: Guest.with(token))
            #expect(right.status == .ok, "\(right.text)")
            #expect(try right.json["order_id"] == 1)
            for text in [otherToken, "x", token + "A"] {
                let wrong = try shop.send(.get, target, as: nil, fields: Guest.with(text))
                #expect(try wrong.json["code"] == "payment_not_found")
            }
        }
        // The token of an order opens no payment of another, or of none.
        for number in ["2", "999", "x"] {
            let target = "/sales/payments/\(number)"
            let answer = try shop.send(.get, target, as: nil, fields: Guest.with(token))
            #expect(answer.status == .notFound, "\(target)")
        }
    }

    /// A lost answer comes again with the token; the database can open it for nobody.
    @Test func aRetryGetsTheToken() throws {
        let shop = try TestShop()
        let key = "0b8f7a52-6a2e-4c1e-9d9b-6f0d3a1c2e4f"
        let first = try Guest.order(Guest.body(), key: key).succeeds(in: shop)
        let second = try Guest.order(Guest.body(), key: key).succeeds(in: shop)
        #expect(first.body == second.body)
        let token = try #require(try first.json["order_token"]?.text)
        let dump = try shop.dump().joined()
        #expect(!dump.contains(token) && !dump.contains(key))
        let orders: Int64 = try shop.value("SELECT COUNT(*) AS value FROM orders")
        #expect(orders == 1)
        // Another body of the same address is refused; another address has a key of its own.
        let other = try shop.send(Guest.order(Guest.body(pens: 2), key: key))
        #expect(try other.json["code"] == "idempotency_key_reused")
        let stranger = try Guest.order(Guest.body("mallory@example.com"), key: key)
            .succeeds(in: shop).json
        #expect(stranger["order_token"]?.text != token)
        #expect(try stranger["id"] != first.json["id"])
        #expect(try shop.breaches() == [])
    }

    /// The key of a later request belongs to the guest, not to all anonymous callers.
    @Test func aStrangerGetsNoStoredAnswer() throws {
        let shop = try TestShop()
        let (path, token) = try Guest.buy(in: shop)
        var fields = HTTPFields.key("k")
        fields[.orderToken] = token
        #expect(try shop.send(.post, "\(path)/cancel", as: nil, fields: fields).status == .ok)
        #expect(try shop.send(.post, "\(path)/cancel", as: nil, fields: fields).status == .ok)
        fields[.orderToken] = "wrong"
        let answer = try shop.send(.post, "\(path)/cancel", as: nil, fields: fields)
        #expect(answer.status == .notFound)
    }

    /// A guess reads one row at most, and a right token the whole order.
    @Test(.onSQLite) func aWrongTokenCostsLessThanARightOne() throws {
        let shop = try TestShop()
        let (path, token) = try Guest.buy(in: shop)
        let (_, otherToken) = try Guest.buy(in: shop)
        func cost(of token: String, at path: String) -> Int64 {
            let request = Request(method: .get, path: path, fields: Guest.with(token))
            return (1...5).map { _ in
                cpuUs { for _ in 1...100 { _ = shop.answer(request) } }
            }.min() ?? 0
        }
        let right = cost(of: token, at: path)
        for (text, target) in [
            (otherToken, path), ("x", path), (String(repeating: "a", count: 1000), path),
            (token, "/sales/999"),
        ] {
            let wrong = cost(of: text, at: target)
            #expect(wrong < right, "\(wrong) µs for 100 guesses, \(right) µs for the token")
        }
    }

    /// Unlike the signature of an access token, it is in the database alone.
    @Test func aGuessDoesNotWaitForTheWriter() throws {
        let record = StatementRecord()
        let shop = try TestShop(record: record)
        let (path, token) = try Guest.buy(in: shop)
        let writes = record.writes.count
        let attempts =
            [
                ("cancel", nil),
                ("payments", #"{"method":"card","return_url":"https://a.example"}"#),
                ("returns", #"{"items":[{"product_id":1,"quantity":1}],"kind":"return"}"#),
            ] as [(String, String?)]
        for (call, body) in attempts {
            let answer = try shop.send(
                .post, "\(path)/\(call)", as: nil, body, fields: Guest.with("\(token)x"))
            #expect(answer.status == .notFound, "\(call): \(answer.text)")
        }
        let order = #"{"items":[{"product_id":1,"quantity":1}]}"#
        let answer = try shop.send(.post, "/sales", key: ApiKey.random().text, order)
        #expect(answer.status == .unauthorized)
        #expect(record.writes.count == writes)
    }
}
