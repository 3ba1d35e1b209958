import Customers
import HTTP
import HTTPTypes
import Service
import Storage
import TestShop
import Testing

/// API keys: how they are created, listed, used and revoked.
@Suite struct ApiKeyTests {
    static let target = "/customers/ada/api-keys"
    static let body = #"{"name":"till","scopes":["write:sales","read:inventory"]}"#

    private func create(
        _ shop: TestShop, as account: String = "ada", of owner: String = "ada",
        _ body: String = ApiKeyTests.body
    ) throws -> (id: Int64, key: String) {
        let made = try shop.send(.post, "/customers/\(owner)/api-keys", as: account, body)
        let id = try #require(try made.json["id"]?.integer, "\(made.text)")
        return (id, try #require(try made.json["key"]?.text))
    }

    @Test func showsTheSecretOnceAndStoresItsHash() throws {
        let shop = try TestShop()
        let made = try shop.send(.post, Self.target, as: "ada", Self.body)
        #expect(made.status.code == 201)
        #expect(made.fields[.location] == "/customers/ada/api-keys/1")
        #expect(made.fields[.cacheControl] == "private, no-store")
        let key = try #require(try made.json["key"]?.text)
        #expect(key.hasPrefix("sk_") && key.utf8.count == 46)
        let list = try shop.send(.get, Self.target, as: "ada")
        #expect(
            list.text == #"""
                {"data":[{"id":1,"name":"till","prefix":"\#(key.dropFirst(3).prefix(8))",\#
                "scopes":["read:inventory","write:sales"],\#
                "created_at":"2026-11-18T11:06:40.000Z","last_used_at":null,"expires_at":null}]}
                """#)
        let rows = try shop.dump().joined(separator: "\n")
        #expect(!rows.contains(key) && !rows.contains(key.dropFirst(3)))
        #expect(!rows.contains(key.dropFirst(11)))
        let hash: String = try shop.value("SELECT hash AS value FROM api_keys")
        #expect(hash.utf8.count == 43)
        #expect(try shop.breaches() == [])
    }

    /// A key in its answer would be kept, and would not work.
    @Test func aDryRunHasNoKey() throws {
        let shop = try TestShop()
        let dry = try shop.send(.post, "\(Self.target)?dry_run=true", as: "ada", Self.body)
        #expect(dry.status.code == 201)
        #expect(try dry.json["key"] == .null)
        #expect(try dry.json["name"] == "till")
        #expect(try shop.send(.get, Self.target, as: "ada").text == #"{"data":[]}"#)
    }

    @Test func twoKeysDiffer() throws {
        let shop = try TestShop()
        let keys = try (0..<3).map { _ in try create(shop).key }
        #expect(Set(keys).count == 3)
    }

    /// A retry gets the same key, which the database does not contain.
    @Test func anIdempotencyKeyStoresNoSecret() throws {
        let shop = try TestShop()
        let keys = try (1...2).map { _ in
            let made = try shop.send(
                .post, Self.target, as: "ada", Self.body, fields: .key("once"))
            #expect(made.status.code == 201)
            return try #require(try made.json["key"]?.text)
        }
        #expect(keys[0] == keys[1])
        #expect(try !shop.dump().joined().contains(keys[0].dropFirst(11)))
        let stored: Int64 = try shop.value("SELECT COUNT(*) AS value FROM api_keys")
        #expect(stored == 1)
    }

    @Test func actsAsItsOwner() throws {
        let shop = try TestShop()
        let key = try create(shop).key
        let order = try shop.send(
            .post, "/sales", key: key, #"{"items":[{"product_id":1,"quantity":1}]}"#)
        #expect(order.status.code == 201)
        #expect(try order.json["username"] == "ada")
        #expect(try shop.send(.get, "/sales", key: key).status.code == 200)
        #expect(try shop.send(.get, "/inventory/1", key: key).status.code == 200)
        let other = try shop.send(.get, "/customers/ada", key: key)
        #expect(other.status.code == 403)
        #expect(
            other.text.contains(
                #""code":"insufficient_scope","detail":"The API key lacks the scope read:customers.""#
            ))
        #expect(try other.json["required_scope"] == "read:customers")
    }

    /// A demotion takes effect in the next request.
    @Test func hasTheOwnersPresentRole() throws {
        let shop = try TestShop()
        let key = try shop.key(of: "sami")
        let body = #"{"delta":1,"reason":"found"}"#
        #expect(try shop.send(.post, "/inventory/1/stock", key: key, body).status.code == 201)
        try Scenario.Step(
            .put, "/customers/sami/role", as: "adil", #"{"role":"customer"}"#
        ).succeeds(in: shop)
        let answer = try shop.send(.post, "/inventory/1/stock", key: key, body)
        #expect(try answer.code == "forbidden")
    }

    /// In all four responders, and in a second process on the same database.
    @Test func endsAtOnce() throws {
        let shop = try TestShop()
        let beside = try TestShop(beside: shop)
        let targets = ["/customers/ada", "/inventory/1", "/sales", "/reviews"]
        func codes(_ key: String) throws -> [Int] {
            try targets.flatMap { target in
                try [shop, beside].map { try $0.send(.get, target, key: key).status.code }
            }
        }
        let all = Array(repeating: 200, count: 8)
        let none = Array(repeating: 401, count: 8)
        let key = try shop.key(of: "ada")
        #expect(try codes(key) == all)
        try Scenario.Step(.delete, "\(Self.target)/1", as: "ada").succeeds(in: shop)
        #expect(try codes(key) == none)
        let suspended = try shop.key(of: "ada")
        try Scenario.Step(
            .put, "/customers/ada/status", as: "adil", #"{"status":"suspended"}"#
        ).succeeds(in: shop)
        #expect(try codes(suspended) == none)
        try Scenario.Step(
            .put, "/customers/ada/status", as: "adil", #"{"status":"active"}"#
        ).succeeds(in: shop)
        #expect(try codes(suspended) == none)
        let list = try shop.send(.get, Self.target, as: "adil")
        #expect(try list.json["data"]?.elements == [])
        let log = try shop.send(.get, "/customers/audit?username=ada", as: "adil")
        let revoked = try log.json["data"]?.elements.filter { $0["action"] == "revoked_api_key" }
        #expect(revoked?.map { $0["before"] } == [.string("\(suspended.dropFirst(3).prefix(8))")])
        #expect(revoked?.map { $0["actor"] } == ["adil"])
        #expect(try shop.breaches() == [])
    }

    @Test func aSuspensionByTheOperatorEndsThem() throws {
        let shop = try TestShop()
        let key = try shop.key(of: "ada")
        for status in [CustomerStatus.suspended, .active] {
            _ = try setStatus(status, of: "ada", at: shop.clock.now, on: shop.store)
            #expect(try shop.send(.get, "/sales", key: key).status.code == 401)
        }
        let log = try shop.send(.get, "/customers/audit?username=ada", as: "adil")
        let actions = try log.json["data"]?.elements.map { $0["action"] }
        #expect(actions == ["changed_status", "changed_status", "revoked_api_key"])
    }

    @Test func expires() throws {
        let shop = try TestShop()
        let key = try create(
            shop,
            #"{"name":"n","scopes":["read:sales"],"expires_at":"2026-11-18T11:07:40Z"}"#
        ).key
        shop.clock.pass(seconds: 59)
        #expect(try shop.send(.get, "/sales", key: key).status.code == 200)
        shop.clock.pass(seconds: 1)
        let late = try shop.send(.get, "/sales", key: key)
        #expect(late.status.code == 401)
        #expect(try late.code == "token_invalid")
    }

    @Test func erasureDeletesKeys() throws {
        let shop = try TestShop()
        let key = try create(shop, as: "ben", of: "ben").key
        let export = try shop.send(.get, "/customers/ben/export", as: "ben")
        #expect(try export.json["api_keys"]?[0]?["name"] == "till")
        #expect(!export.text.contains(key))
        try Scenario.Step(.delete, "/customers/ben", as: "ben").succeeds(in: shop)
        #expect(try shop.send(.get, "/sales", key: key).status.code == 401)
        let left: Int64 = try shop.value("SELECT COUNT(*) AS value FROM api_keys")
        #expect(left == 0)
        #expect(try shop.breaches() == [])
    }

    /// Only another person's use of a right is an audit event.
    @Test func adminsAreAudited() throws {
        let shop = try TestShop()
        let own = try create(shop)
        let made = try create(shop, as: "adil")
        try Scenario.Step(.delete, "\(Self.target)/\(own.id)", as: "ada").succeeds(in: shop)
        try Scenario.Step(.delete, "\(Self.target)/\(made.id)", as: "adil").succeeds(in: shop)
        let log = try shop.send(.get, "/customers/audit?username=ada", as: "adil")
        let entries = try log.json["data"]?.elements ?? []
        let prefix = made.key.dropFirst(3).prefix(8)
        #expect(entries.map { $0["action"] } == ["revoked_api_key", "created_api_key"])
        #expect(entries.map { $0["actor"] } == ["adil", "adil"])
        #expect(entries.map { $0["before"] } == [.string("\(prefix)"), .null])
        #expect(
            entries.map { $0["after"] }
                == [.null, .string("\(prefix): read:inventory write:sales")])
    }

    /// A customer cannot name another customer's key.
    @Test func revokesOnlyTheOwnersKeys() throws {
        let shop = try TestShop()
        let bens = try create(shop, as: "ben", of: "ben")
        let answer = try shop.send(.delete, "\(Self.target)/\(bens.id)", as: "ada")
        #expect(try answer.code == "api_key_not_found")
        #expect(try shop.send(.get, "/sales", key: bens.key).status.code == 200)
    }
}
