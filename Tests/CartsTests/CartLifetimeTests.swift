import Carts
import HTTP
import HTTPTypes
import Storage
import TestShop
import Testing

/// How long carts stay, and what they hold of a person.
@Suite struct CartLifetimeTests {
    private static let day: Int64 = 24 * 60 * 60

    private func prune(_ shop: TestShop, atMost limit: Int64 = 100) throws -> Bool {
        try shop.store.write { try pruneCarts(at: shop.clock.now, atMost: limit, in: $0) }
    }

    /// The days after the last change on which a cart is still there, and on which it is gone.
    @Test(
        arguments: [("empty", 1), ("guest", 14), ("own", 30), ("ordered", 30)] as [(String, Int64)])
    func aCartIsDeletedAfterItsTime(kind: String, days: Int64) throws {
        let shop = try TestShop()
        switch kind {
        case "empty": _ = try shop.newCart()
        case "guest": _ = try shop.newCart([(1, 1)])
        default: try shop.put(1, 1, as: "ada")
        }
        if kind == "ordered" { _ = try shop.checkOut(250, as: "ada") }
        shop.clock.pass(seconds: days * Self.day)
        #expect(try !prune(shop))
        #expect(try shop.count("carts") == 1)
        shop.clock.pass(seconds: 60 * 60)
        #expect(try !prune(shop))
        #expect(try shop.count("carts") == 0 && shop.count("cart_items") == 0)
        #expect(try shop.count("orders") == (kind == "ordered" ? 1 : 0))
    }

    @Test func aChangeProlongsTheTime() throws {
        let shop = try TestShop()
        let token = try shop.newCart([(1, 1)])
        shop.clock.pass(seconds: 14 * Self.day)
        try shop.put(1, 2, token: token)
        shop.clock.pass(seconds: 13 * Self.day)
        _ = try prune(shop)
        #expect(try shop.cart(token: token).quantities == [[1, 2]])
    }

    @Test func portionsAreBounded() throws {
        let shop = try TestShop()
        for _ in 0..<5 { _ = try shop.newCart() }
        shop.clock.pass(seconds: 2 * Self.day)
        #expect(try prune(shop, atMost: 2))
        #expect(try shop.count("carts") == 3)
        #expect(try prune(shop, atMost: 2) && !prune(shop, atMost: 2))
        #expect(try shop.count("carts") == 0)
    }

    @Test func exportsAndErasesTheCartsOfACustomer() throws {
        let shop = try TestShop()
        try shop.put(1, 1, as: "ben")
        _ = try shop.cart(.patch, "", #"{"note":"ring twice"}"#, as: "ben")
        let export = try shop.send(.get, "/customers/ben/export", as: "ben").json["carts"]
        #expect(export?[0]?["note"] == "ring twice" && export?[0]?["order_id"] == .null)
        #expect(export?[0]?["items"]?[0]?["quantity"] == 1)
        try Scenario.Step(.delete, "/customers/ben", as: "adil").succeeds(in: shop)
        #expect(try shop.count("carts") == 0 && shop.count("cart_items") == 0)
        #expect(try shop.breaches() == [])
    }

    /// What `souk check` finds after each of these changes.
    @Test(
        arguments: [
            ("The order of a cart", "UPDATE carts SET customer_id = 2"),
            ("has no lines", "INSERT INTO cart_items VALUES (1, 1, 1, 1, 0)"),
        ] as [(String, SQL)])
    func findsABreach(sentence: String, change: SQL) throws {
        let shop = try TestShop()
        try shop.put(1, 1, as: "ada")
        _ = try shop.checkOut(250, as: "ada")
        #expect(try shop.breaches() == [])
        try shop.store.write { _ = try $0.run(change) }
        let broken = try shop.store.read { tx in
            try Carts.invariants.filter { try !$0.find(tx).isEmpty }
        }
        #expect(broken.count == 1 && broken[0].sentence.contains(sentence))
    }

    @Test func findsTooManyLines() throws {
        let shop = try TestShop()
        for number in 3...101 {
            let body = #"{"name":"p\#(number)","category":"paper","price":1,"stock":1}"#
            _ = try shop.send(.post, "/inventory", as: "sami", body)
        }
        try shop.put(1, 1, as: "ada")
        try shop.store.write { tx in
            for product: Int64 in 2...101 {
                try tx.run("INSERT INTO cart_items VALUES (1, \(product), 1, 1, 0)")
            }
        }
        #expect(try shop.breaches() == ["cart 1 has 101 lines"])
    }
}
