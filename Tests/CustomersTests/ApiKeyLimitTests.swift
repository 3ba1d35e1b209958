import HTTP
import HTTPTypes
import Service
import Storage
import TestShop
import Testing

/// What API keys reject, and what they cost.
@Suite struct ApiKeyLimitTests {
    static let target = ApiKeyTests.target

    private func count(_ shop: TestShop) throws -> Int64 {
        try shop.value("SELECT COUNT(*) AS value FROM api_keys")
    }

    /// Concurrent requests cannot exceed the quota of 20.
    @Test func keepsTheQuotaUnderConcurrency() throws {
        let shop = try TestShop()
        for _ in 1...15 { _ = try shop.key(of: "ada") }
        _ = try shop.token(of: "ada")
        let codes = atOnce(12) { _ in
            try? shop.send(.post, Self.target, as: "ada", ApiKeyTests.body).status.code
        }
        #expect(codes.count { $0 == 201 } == 5)
        #expect(codes.count { $0 == 422 } == 7)
        #expect(try count(shop) == 20)
        let more = try shop.send(.post, Self.target, as: "ada", ApiKeyTests.body)
        #expect(try more.code == "quota_exceeded")
        try Scenario.Step(.delete, "\(Self.target)/1", as: "ada").succeeds(in: shop)
        try Scenario.Step(.post, Self.target, as: "ada", ApiKeyTests.body).succeeds(in: shop)
        #expect(try shop.breaches() == [])
    }

    /// Of many revocations at once, one succeeds.
    @Test func revokesOnce() throws {
        let shop = try TestShop()
        _ = try shop.key(of: "ada")
        _ = try shop.token(of: "ada")
        let codes = atOnce(8) { _ in
            try? shop.send(.delete, "\(Self.target)/1", as: "ada").status.code
        }
        #expect(codes.count { $0 == 204 } == 1)
        #expect(codes.count { $0 == 404 } == 7)
    }

    /// A read with a key stores the minute of the use once.
    @Test func storesTheUseOnceAMinute() throws {
        let record = StatementRecord()
        let shop = try TestShop(record: record)
        let key = try shop.key(of: "ada")
        func used() throws -> JSON? {
            try shop.send(.get, Self.target, as: "ada").json["data"]?[0]?["last_used_at"]
        }
        let writes = { record.writes.count { $0.contains { $0.contains("last_used_at") } } }
        for _ in 1...5 { _ = try shop.send(.get, "/sales", key: key) }
        #expect(writes() == 1)
        #expect(try used() == "2026-11-18T11:06:00.000Z")
        shop.clock.pass(seconds: 19)
        _ = try shop.send(.get, "/sales", key: key)
        #expect(writes() == 1)
        shop.clock.pass(seconds: 1)
        // A refused request is a use too.
        _ = try shop.send(.get, "/customers", key: key)
        #expect(writes() == 2)
        #expect(try used() == "2026-11-18T11:07:00.000Z")
    }

    /// A guess writes nothing.
    @Test func anUnknownKeyWritesNothing() throws {
        let record = StatementRecord()
        let shop = try TestShop(record: record)
        let key = try shop.key(of: "ada")
        let forged = String(key.dropLast(4)) + "AAAA"
        for text in [forged, ApiKey.random().text] {
            let answer = try shop.send(.get, "/sales", key: text)
            #expect(try answer.code == "token_invalid")
            #expect(answer.field("WWW-Authenticate")?.contains("invalid_token") == true)
        }
        #expect(record.writes.isEmpty)
    }

    @Test(arguments: [
        "sk_", "sk_a", "sk_" + String(repeating: "a", count: 42),
        "sk_" + String(repeating: "a", count: 44), "sk_" + String(repeating: "é", count: 43),
        "sk_" + String(repeating: "!", count: 43), "sk_" + String(repeating: "a", count: 100_000),
        "SK_" + String(repeating: "a", count: 43), "sk_ " + String(repeating: "a", count: 42),
    ]) func rejectsOtherText(token: String) throws {
        let shop = try TestShop()
        let answer = try shop.send(.get, "/sales", key: token)
        #expect(answer.status.code == 401)
        #expect(try answer.code == "token_invalid")
    }

    private static func bad(_ name: String, _ body: String, _ field: String) -> Scenario {
        Scenario(
            "rejects \(name)", .init(.post, target, as: "ada", body), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"\#(field)"}]}"#)
    }

    static let rows = [
        bad("no name", #"{"scopes":["read:sales"]}"#, "name"),
        bad("an empty name", #"{"name":"","scopes":["read:sales"]}"#, "name"),
        bad(
            "a name of 101 characters",
            #"{"name":"\#(String(repeating: "x", count: 101))","scopes":["read:sales"]}"#, "name"),
        bad("a name of two lines", #"{"name":"a\nb","scopes":["read:sales"]}"#, "name"),
        bad("no scopes", #"{"name":"n"}"#, "scopes"),
        bad("an empty list of scopes", #"{"name":"n","scopes":[]}"#, "scopes"),
        bad("a text instead of a list", #"{"name":"n","scopes":"read:sales"}"#, "scopes"),
        bad("an unknown scope", #"{"name":"n","scopes":["read:sales","admin"]}"#, "scopes[1]"),
        bad("a number", #"{"name":"n","scopes":[1]}"#, "scopes[0]"),
        bad(
            "a repeated scope", #"{"name":"n","scopes":["read:sales","read:sales"]}"#, "scopes[1]"),
        bad(
            "a scope of 100,000 bytes",
            #"{"name":"n","scopes":["\#(String(repeating: "x", count: 100_000))"]}"#, "scopes[0]"),
        bad(
            "a time in the past",
            #"{"name":"n","scopes":["read:sales"],"expires_at":"2026-11-18T11:06:40Z"}"#,
            "expires_at"),
        bad(
            "a day", #"{"name":"n","scopes":["read:sales"],"expires_at":"2027-01-01"}"#,
            "expires_at"),
        bad("an unknown field", #"{"name":"n","scopes":["read:sales"],"key":"sk_"}"#, "key"),
        Scenario(
            "hides the account from another customer",
            .init(.post, target, as: "ben", ApiKeyTests.body), gives: 404,
            code: "customer_not_found"),
        Scenario(
            "rejects staff", .init(.post, target, as: "sami", ApiKeyTests.body), gives: 403,
            code: "forbidden"),
        Scenario(
            "rejects an anonymous caller", .init(.get, target), gives: 401, code: "token_missing"),
        Scenario(
            "reports an unknown key", .init(.delete, "\(target)/9", as: "ada"), gives: 404,
            code: "api_key_not_found"),
        Scenario(
            "reports the key x as unknown", .init(.delete, "\(target)/x", as: "ada"), gives: 404,
            code: "not_found"),
        Scenario(
            "does not support PUT", .init(.put, target, as: "ada", "{}"), gives: 405,
            code: "method_not_allowed", fields: ["Allow": "GET, HEAD, POST"]),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }
}
