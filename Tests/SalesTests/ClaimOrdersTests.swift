import Customers
import HTTP
import HTTPTypes
import Service
import Storage
import TestShop
import Testing

/// How orders of guests become those of an account, and how guests are erased.
@Suite struct ClaimOrdersTests {
    private static let address = "gail@example.com"

    private func balance(of name: String, in shop: TestShop) throws -> Int64 {
        try shop.value("SELECT balance AS value FROM customers WHERE username = \(name)")
    }

    @Test func aVerifiedAddressClaimsItsOrders() throws {
        let shop = try TestShop()
        let (path, token) = try GuestOrderTests.buy(in: shop)
        let (held, heldToken) = try GuestOrderTests.buy(in: shop)
        _ = try GuestOrderTests.buy(GuestOrderTests.body("else@example.com"), in: shop)
        // More than was asked for stays in the wallet of the guest.
        try GuestOrderTests.book(300, of: path).succeeds(in: shop)
        try GuestOrderTests.book(100, of: held).succeeds(in: shop)
        #expect(try shop.register("gail", Self.address).status == .created)
        #expect(try shop.register("mallory", Self.address).json["code"] == "email_taken")
        // An address that is not verified shows nothing.
        #expect(try shop.send(.get, path, as: "gail").status == .notFound)
        #expect(try shop.send(.get, "/sales", as: "gail").json["data"]?.elements.count == 0)
        #expect(try shop.verifyAddress().status == .noContent)
        let list = try shop.send(.get, "/sales", as: "gail").json["data"]?.elements ?? []
        #expect(Set(list.compactMap { $0["id"]?.integer }.map { "/sales/\($0)" }) == [path, held])
        #expect(try shop.send(.get, path, as: "gail").status == .ok)
        let payments = try shop.send(.get, "\(path)/payments", as: "gail").json["data"]
        let payment = try #require(payments?[0]?["id"]?.integer)
        #expect(try shop.send(.get, "/sales/payments/\(payment)", as: "gail").status == .ok)
        #expect(try shop.send(.get, "/sales/payments/\(payment)", as: "ben").status == .notFound)
        // The tokens stop working, because others may have them.
        for (path, token) in [(path, token), (held, heldToken)] {
            let answer = try shop.send(.get, path, as: nil, fields: GuestOrderTests.with(token))
            #expect(answer.status == .notFound)
        }
        // Money that an order waits for stays with it.
        #expect(try balance(of: "gail", in: shop) == 50)
        try GuestOrderTests.book(160, of: held).succeeds(in: shop)
        #expect(try balance(of: "gail", in: shop) == 60)
        #expect(try shop.breaches() == [])
        let review = try shop.send(
            .post, "/reviews", as: "gail", #"{"product_id":1,"rating":5}"#
        ).json
        #expect(review["verified_purchase"] == .bool(true))
        // A refund reaches the account.
        try Scenario.Step(
            .post, "\(path)/refund", as: "sami",
            #"{"restock":true,"reason":"broken","to":"wallet"}"#
        ).succeeds(in: shop)
        #expect(try balance(of: "gail", in: shop) == 310)
        // The account sees what staff have done.
        let log = try shop.send(.get, "/customers/audit?username=gail", as: "adil").json["data"]
        let actions = log?.elements.compactMap { $0["action"]?.text } ?? []
        #expect(actions.contains("refunded_order") && actions.contains("booked_payment"))
        #expect(try shop.send(.post, "\(held)/cancel", as: "gail").status == .ok)
        let unverified = try shop.send(.get, "/reviews/1", as: "gail").json["verified_purchase"]
        #expect(unverified == .bool(false))
        #expect(try shop.breaches() == [])
    }

    /// Pages of own and claimed orders are in one order.
    @Test func listsOwnAndClaimedOrders() throws {
        let shop = try TestShop()
        _ = try shop.register("gail", Self.address)
        var expected: [Int64] = []
        for number in 1...5 {
            shop.clock.pass(seconds: 1)
            let sold =
                number % 2 == 0
                ? try GuestOrderTests.order(GuestOrderTests.body()).succeeds(in: shop)
                : try shop.send(
                    .post, "/sales", as: "gail",
                    #"""
                    {"items":[{"product_id":1,"quantity":1}],\#
                    "payment":{"method":"bank_transfer"}}
                    """#)
            expected.insert(try #require(try sold.json["id"]?.integer), at: 0)
        }
        #expect(try shop.verifyAddress().status == .noContent)
        var found: [Int64] = []
        var target = "/sales?limit=2"
        while true {
            let page = try shop.send(.get, target, as: "gail").json
            found += page["data"]?.elements.compactMap { $0["id"]?.integer } ?? []
            guard let next = page["next"]?.text else { break }
            target = "/sales?limit=2&after=\(next)"
        }
        #expect(found == expected)
        let pending = try shop.send(.get, "/sales?username=gail&status=pending", as: "sami").json
        #expect(pending["data"]?.elements.count == 5)
    }

    @Test func staffEraseAGuest() throws {
        let shop = try TestShop()
        let key = "0b8f7a52-6a2e-4c1e-9d9b-6f0d3a1c2e4f"
        let more = #","note":"Ring twice.""#
        try GuestOrderTests.order(GuestOrderTests.body(more: more), key: key).succeeds(in: shop)
        let list = try shop.send(.get, "/customers?guest=true&q=GAIL@example.com", as: "sami")
        let guest = try #require(try list.json["data"]?[0])
        let name = try #require(guest["username"]?.text)
        #expect(guest["guest"] == .bool(true) && guest["email"] == "Gail@Example.com")
        #expect(try shop.send(.get, "/customers", as: "sami").json["data"]?.elements.count == 5)
        #expect(try shop.send(.get, "/customers/\(name)", as: "sami").status == .ok)
        #expect(try shop.send(.get, "/customers/\(name)/wallet", as: "sami").status == .ok)
        #expect(try shop.send(.get, "/customers/\(name)/export", as: "sami").status == .ok)
        #expect(try shop.send(.get, "/customers/\(name)", as: "ben").status == .notFound)
        try Scenario.Step(.post, "/sales/1/cancel", as: "sami").succeeds(in: shop)
        try Scenario.Step(.delete, "/customers/\(name)", as: "sami").succeeds(in: shop)
        let dump = try shop.dump().joined().lowercased()
        #expect(!dump.contains("gail@") && !dump.contains("ring twice"))
        let answers: Int64 = try shop.value(
            "SELECT COUNT(*) AS value FROM idempotency_keys WHERE caller_id = 0")
        #expect(answers == 0)
        #expect(try shop.breaches() == [])
    }

    @Test func anErasureErasesClaimedGuests() throws {
        let shop = try TestShop()
        let (path, _) = try GuestOrderTests.buy(in: shop)
        _ = try shop.register("gail", Self.address)
        _ = try shop.verifyAddress()
        try Scenario.Step(.post, "\(path)/cancel", as: "gail").succeeds(in: shop)
        let export = try shop.send(.get, "/customers/gail/export", as: "gail").json
        #expect(export["orders"]?.elements.count == 1)
        try Scenario.Step(.delete, "/customers/gail", as: "gail").succeeds(in: shop)
        #expect(try !shop.dump().joined().lowercased().contains("gail@"))
        #expect(try shop.breaches() == [])
    }

    /// What works for accounts does not for guests.
    @Test func aGuestIsNoAccount() throws {
        let shop = try TestShop()
        _ = try GuestOrderTests.buy(in: shop)
        let name: String = try shop.value(
            "SELECT username AS value FROM customers WHERE guest_email IS NOT NULL")
        for password in ["x", "correct horse"] {
            let login = try shop.send(
                .post, "/customers/login",
                #"{"username":"\#(name)","password":"\#(password)"}"#)
            #expect(try login.json["code"] == "invalid_credentials")
        }
        #expect(try shop.register(name, "a@example.com").status.code == 422)
        for (method, path, body) in [
            (.put, "/role", #"{"role":"staff"}"#), (.put, "/status", #"{"status":"suspended"}"#),
            (.patch, "", #"{"full_name":"x"}"#), (.get, "/sessions", nil), (.get, "/api-keys", nil),
            (.get, "/addresses", nil), (.post, "/email-verification", nil),
        ] as [(HTTPRequest.Method, String, String?)] {
            let answer = try shop.send(method, "/customers/\(name)\(path)", as: "adil", body)
            #expect([403, 404].contains(answer.status.code), "\(path): \(answer.text)")
        }
        let order = try shop.send(
            .post, "/sales", as: "sami",
            #"{"items":[{"product_id":1,"quantity":1}],"customer":"\#(name)"}"#)
        #expect(order.status.code == 404 || order.status.code == 422)
        for body in [#"{"username":"\#(name)"}"#, #"{"email":"gail@example.com"}"#] {
            _ = try shop.send(.post, "/customers/password-resets", body)
        }
        let payloads: [String] = try shop.store.read { tx in
            try tx.all("SELECT payload FROM jobs WHERE kind = \(passwordResetJobKind)") {
                try $0["payload"]
            }
        }
        for payload in payloads {
            try shop.store.write { [shop] tx in
                try sendPasswordReset(payload, by: shop.shop, at: shop.clock.now, in: tx)
            }
        }
        let tokens: Int64 = try shop.value("SELECT COUNT(*) AS value FROM one_time_tokens")
        #expect(payloads.count == 2 && tokens == 0)
    }

    /// What is bought after the verification belongs to the account at its next login.
    @Test func aLoginClaimsLaterOrders() throws {
        let shop = try TestShop()
        _ = try shop.register("gail", Self.address)
        func login() throws {
            let body = #"{"username":"gail","password":"correct horse"}"#
            #expect(try shop.send(.post, "/customers/login", body).status == .ok)
        }
        let (path, _) = try GuestOrderTests.buy(in: shop)
        try login()
        #expect(try shop.send(.get, path, as: "gail").status == .notFound)
        _ = try shop.verifyAddress()
        #expect(try shop.send(.get, path, as: "gail").status == .ok)
        let (later, _) = try GuestOrderTests.buy(in: shop)
        #expect(try shop.send(.get, later, as: "gail").status == .notFound)
        try login()
        #expect(try shop.send(.get, later, as: "gail").status == .ok)
        #expect(try shop.breaches() == [])
    }

    /// Staff cannot use their rights on a guest that their own account has claimed, and need the role
    /// admin for a part of another account.
    @Test func aClaimedGuestIsPartOfTheAccount() throws {
        let shop = try TestShop()
        _ = try GuestOrderTests.buy(in: shop)
        let name: String = try shop.value(
            "SELECT username AS value FROM customers WHERE guest_email IS NOT NULL")
        _ = try shop.register("gail", Self.address)
        _ = try shop.verifyAddress()
        try Scenario.Step(.put, "/customers/gail/role", as: "adil", #"{"role":"staff"}"#)
            .succeeds(in: shop)
        for change in ["credit", "debit"] {
            let path = "/customers/\(name)/wallet/\(change)"
            let own = try shop.send(.post, path, as: "gail", #"{"amount":100}"#)
            #expect(try own.json["code"] == "own_account", "\(own.text)")
            try Scenario.Step(.post, path, as: "sami", #"{"amount":100}"#).succeeds(in: shop)
        }
        for (method, path) in [(.delete, ""), (.get, "/export")] as [(HTTPRequest.Method, String)] {
            let answer = try shop.send(method, "/customers/\(name)\(path)", as: "sami")
            #expect(try answer.json["code"] == "forbidden", "\(answer.text)")
        }
        #expect(try shop.send(.get, "/customers/\(name)/export", as: "adil").status == .ok)
        #expect(try shop.breaches() == [])
    }
}
