import HTTP
import HTTPTypes
import Storage
import TestShop
import Testing

/// `Idempotency-Key`: one effect for any number of retries.
@Suite struct IdempotencyTests {
    private static let target = "/customers/ben/wallet/credit"

    private static let replayed = RouteCase.all.filter { row in
        row.method == .post && row.succeeds && RouteCase.exceptions[row.testDescription] == nil
    }

    @Test(arguments: replayed) func replays(row: RouteCase) throws {
        let shop = try TestShop.furnished()
        let key = HTTPFields.key("key 1 ~!")
        let content = try row.content(in: shop)
        let first = try row.send(content, in: shop, as: "adil", fields: key)
        #expect(first.status.kind == .successful, "\(first.text)")
        #expect(first.replayed == nil)
        let after = try shop.dump()
        shop.clock.pass(seconds: 60)
        let second = try row.send(content, in: shop, as: "adil", fields: key)
        #expect(second.status == first.status)
        #expect(second.status.reasonPhrase == first.status.reasonPhrase)
        #expect(second.body == first.body)
        #expect(second.isReplay)
        let fields = second.fields.map(\.description).filter { $0 != "Idempotent-Replayed: true" }
        #expect(Set(fields) == Set(first.fields.map(\.description)))
        #expect(try shop.dump() == after)
    }

    @Test func replaysToAnonymousCallers() throws {
        let shop = try TestShop()
        let body = #"{"username":"zoe","password":"correct horse","full_name":"Zoe"}"#
        let other = #"{"username":"zoe","password":"correct horsE","full_name":"Zoe"}"#
        let key = HTTPFields.key("k")
        let first = try shop.send(.post, "/customers", body, fields: key)
        let second = try shop.send(.post, "/customers", body, fields: key)
        #expect(first.status == .created)
        #expect(second.status == .created)
        #expect(second.body == first.body)
        #expect(second.fields[.location] == "/customers/zoe")
        #expect(try shop.send(.post, "/customers", body).status == .conflict)
        // Another password makes another request, so a key reveals nothing about an account.
        let third = try shop.send(.post, "/customers", other, fields: key)
        #expect(third.status == .unprocessableContent)
        #expect(try third.json["code"] == .string("idempotency_key_reused"))
        let rows: Int64 = try shop.value("SELECT COUNT(*) AS value FROM idempotency_keys")
        #expect(rows == 1)
    }

    @Test func belongsToOneRequest() throws {
        let shop = try TestShop()
        let key = HTTPFields.key("k")
        _ = try shop.send(.post, IdempotencyTests.target, as: "sami", #"{"amount":5}"#, fields: key)
        let before = try shop.dump()
        for (target, body) in [
            (IdempotencyTests.target, #"{"amount":6}"#),
            (IdempotencyTests.target, #"{"amount": 5}"#),
            ("/customers/ada/wallet/credit", #"{"amount":5}"#),
            ("/customers/ben/wallet/debit", #"{"amount":5}"#),
            ("\(IdempotencyTests.target)?dry_run=false", #"{"amount":5}"#),
            ("/inventory/1/stock", #"{"delta":1,"reason":"r"}"#),
        ] {
            let response = try shop.send(.post, target, as: "sami", body, fields: key)
            #expect(response.status == .unprocessableContent, "\(target) \(response.text)")
            #expect(try response.json["code"] == .string("idempotency_key_reused"))
            #expect(try shop.dump() == before)
        }
    }

    @Test func belongsToOneCaller() throws {
        let shop = try TestShop()
        let key = HTTPFields.key("k")
        for (account, balance) in [("sami", 5), ("adil", 10), ("sami", 10), ("adil", 10)] {
            let response = try shop.send(
                .post, IdempotencyTests.target, as: account, #"{"amount":5}"#, fields: key)
            #expect(response.status == .created)
            let held: Int64 = try shop.value(
                "SELECT balance AS value FROM customers WHERE username = 'ben'")
            #expect(held == balance)
        }
    }

    /// The session differs; the caller is the same.
    @Test func outlivesASession() throws {
        let shop = try TestShop()
        var key = HTTPFields.key("k")
        let first = try shop.send(
            .post, IdempotencyTests.target, as: "sami", #"{"amount":5}"#, fields: key)
        let login = try shop.send(
            .post, "/customers/login", #"{"username":"sami","password":"correct horse"}"#)
        guard case .string(let token)? = try login.json["access_token"] else {
            throw TestFailure(description: login.text)
        }
        key[.authorization] = "Bearer \(token)"
        let second = try shop.send(
            .post, IdempotencyTests.target, as: nil, #"{"amount":5}"#, fields: key)
        #expect(second.body == first.body)
    }

    @Test(arguments: [
        "", String(repeating: "k", count: 256), "ключ", "caf\u{E9}", "a\tb", "🔑",
    ]) func mustBePrintable(key: String) throws {
        let shop = try TestShop.furnished()
        let before = try shop.dump()
        for target in [
            IdempotencyTests.target, "\(IdempotencyTests.target)?dry_run=true",
        ] {
            let response = try shop.send(
                .post, target, as: "adil", #"{"amount":5}"#, fields: .key(key))
            #expect(response.status == .unprocessableContent, "\(response.text)")
            #expect(try response.json["code"] == .string("invalid_request"))
            #expect(try response.json["errors"]?[0]?["field"] == .string("Idempotency-Key"))
        }
        #expect(try shop.dump() == before)
    }

    @Test(arguments: [
        "k", String(repeating: "~", count: 255), "a b", "\"quoted\"", "'; DROP TABLE--",
    ])
    func acceptsAnyKey(key: String) throws {
        let shop = try TestShop()
        for _ in 1...2 {
            let response = try shop.send(
                .post, IdempotencyTests.target, as: "sami", #"{"amount":5}"#,
                fields: .key(key))
            #expect(response.status == .created, "\(response.text)")
        }
        let held: Int64 = try shop.value(
            "SELECT balance AS value FROM customers WHERE username = 'ben'")
        #expect(held == 5)
    }

    /// Errors are not stored: the same request may succeed later, and another request may use the
    /// key.
    @Test func doesNotStoreErrors() throws {
        let shop = try TestShop()
        let key = HTTPFields.key("k")
        let order = #"{"items":[{"product_id":1,"quantity":1}]}"#
        #expect(try shop.send(.post, "/sales", as: "ben", order, fields: key).status == .conflict)
        #expect(try shop.send(.post, "/sales", as: "ben", "{}", fields: key).status.code == 422)
        let rows: Int64 = try shop.value("SELECT COUNT(*) AS value FROM idempotency_keys")
        #expect(rows == 0)
        _ = try shop.send(.post, IdempotencyTests.target, as: "sami", #"{"amount":250}"#)
        #expect(try shop.send(.post, "/sales", as: "ben", order, fields: key).status == .created)
        #expect(try shop.send(.post, "/sales", as: "ben", order, fields: key).status == .created)
        #expect(try shop.breaches() == [])
    }

    @Test func aDryRunStoresNothing() throws {
        let shop = try TestShop()
        let key = HTTPFields.key("k")
        let target = "\(IdempotencyTests.target)?dry_run=true"
        for _ in 1...2 {
            let dry = try shop.send(.post, target, as: "sami", #"{"amount":5}"#, fields: key)
            #expect(dry.status == .created)
            #expect(dry.replayed == nil)
        }
        let wet = try shop.send(
            .post, IdempotencyTests.target, as: "sami", #"{"amount":7}"#, fields: key)
        #expect(wet.status == .created)
        #expect(wet.replayed == nil)
    }

    @Test func isStoredForADay() throws {
        let shop = try TestShop()
        let key = HTTPFields.key("k")
        /// With a new session each time, because tokens expire after 900 seconds.
        func credit() throws -> Response {
            let login = try shop.send(
                .post, "/customers/login", #"{"username":"sami","password":"correct horse"}"#)
            guard case .string(let token)? = try login.json["access_token"] else {
                throw TestFailure(description: login.text)
            }
            var fields = key
            fields[.authorization] = "Bearer \(token)"
            return try shop.send(
                .post, IdempotencyTests.target, as: nil, #"{"amount":5}"#, fields: fields)
        }
        let first = try credit()
        shop.clock.pass(seconds: 86_399)
        let second = try credit()
        #expect(second.isReplay)
        #expect(second.body == first.body)
        // A replay does not extend the lifetime of the stored response.
        shop.clock.pass(seconds: 2)
        let third = try credit()
        #expect(third.status == .created)
        #expect(third.replayed == nil)
        #expect(third.body != first.body)
        let rows: Int64 = try shop.value("SELECT COUNT(*) AS value FROM idempotency_keys")
        #expect(rows == 1)
    }

    private func credit(under keys: ClosedRange<Int>, in shop: TestShop) throws {
        for key in keys {
            let response = try shop.send(
                .post, IdempotencyTests.target, as: "sami", #"{"amount":5}"#,
                fields: .key("\(key)"))
            try #require(response.status == .created, "\(response.text)")
        }
    }

    /// New responses delete expired ones.
    ///
    /// There is no other cleanup.
    @Test func isDeletedAfterADay() throws {
        let shop = try TestShop()
        try credit(under: 1...40, in: shop)
        shop.clock.pass(seconds: 86_400)
        shop.forgetTokens()
        // Stored again, too recently to be treated as expired.
        try credit(under: 7...7, in: shop)
        try credit(under: 41...300, in: shop)
        let old: Int64 = try shop.value(
            "SELECT COUNT(*) AS value FROM idempotency_keys WHERE CAST(key AS BIGINT) < 41")
        #expect(old == 1)
        let young: Int64 = try shop.value(
            "SELECT COUNT(*) AS value FROM idempotency_keys WHERE CAST(key AS BIGINT) > 40")
        #expect(young == 260)
    }

    /// A clock was an hour ahead: its responses are valid, and are deleted later.
    @Test func isDeletedEvenIfTheClockWasAhead() throws {
        let shop = try TestShop()
        shop.clock.pass(seconds: 365 * 86_400)
        try credit(under: 1...40, in: shop)
        shop.clock.pass(seconds: -365 * 86_400)
        shop.forgetTokens()
        try credit(under: 1...100, in: shop)
        let kept: Int64 = try shop.value("SELECT COUNT(*) AS value FROM idempotency_keys")
        #expect(kept == 100)
        for keys in [101...200, 201...300] {
            shop.clock.pass(seconds: 86_400)
            shop.forgetTokens()
            try credit(under: keys, in: shop)
        }
        let left: Int64 = try shop.value("SELECT COUNT(*) AS value FROM idempotency_keys")
        #expect(left == 100)
    }

    @Test(arguments: ["/sales", target]) func hasOneEffectAmongMany(target: String) throws {
        let shop = try TestShop()
        let account = target == "/sales" ? "ada" : "sami"
        _ = try shop.token(of: account)
        let body =
            target == "/sales"
            ? #"{"items":[{"product_id":1,"quantity":2}]}"# : #"{"amount":5}"#
        let answers = atOnce(16) { _ in
            try? shop.send(
                .post, target, as: account, body, fields: .key("k"))
        }
        #expect(answers.count == 16)
        #expect(Set(answers.map { $0?.text }).count == 1)
        #expect(answers.allSatisfy { $0?.status == .created })
        #expect(answers.count { $0?.replayed == nil } == 1)
        let orders: Int64 = try shop.value("SELECT COUNT(*) AS value FROM orders")
        let held: Int64 = try shop.value("SELECT SUM(balance) AS value FROM customers")
        #expect(orders == (target == "/sales" ? 1 : 0))
        #expect(held == (target == "/sales" ? 99_500 : 100_005))
        #expect(try shop.breaches() == [])
    }

    /// A retry that ran at the same time gets the first response, not an error about its effect.
    @Test func isAnsweredAlikeAfterTheEffect() throws {
        let shop = try TestShop()
        for number in 1...5 {
            let order = try shop.send(
                .post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":1}]}"#,
                fields: .key("order \(number)"))
            let location = try #require(order.fields[.location])
            let answers = atOnce(8) { _ in
                try? shop.send(
                    .post, "\(location)/cancel", as: "ada", fields: .key("cancel \(number)"))
            }
            #expect(answers.allSatisfy { $0?.status == .ok })
            #expect(Set(answers.map { $0?.text }).count == 1)
            #expect(answers.count { $0?.replayed == nil } == 1)
        }
        #expect(try shop.breaches() == [])
    }

    /// Only POST has keys.
    ///
    /// The response of a login is a secret and is never stored.
    @Test func isStoredForPOSTOnly() throws {
        let shop = try TestShop.furnished()
        for row in RouteCase.all
        where row.method != .post || row.path.hasSuffix("login") || row.path.hasSuffix("refresh") {
            _ = try row.send(in: shop, as: "adil", fields: .key("k"))
        }
        let rows: Int64 = try shop.value("SELECT COUNT(*) AS value FROM idempotency_keys")
        #expect(rows == 0)
    }
}
