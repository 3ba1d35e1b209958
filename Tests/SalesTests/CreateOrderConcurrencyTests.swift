import HTTP
import TestShop
import Testing

/// An order changes stock, wallet, both ledgers and the order in one commit.
@Suite struct CreateOrderConcurrencyTests {
    @Test func movesStockWalletLedgersAndOrder() throws {
        let shop = try TestShop()
        let body = #"{"items":[{"product_id":1,"quantity":4},{"product_id":2,"quantity":1}]}"#
        let sale = try shop.send(.post, "/sales", as: "ada", body)
        #expect(try shop.send(.get, "/sales/1", as: "ada").body == sale.body)
        #expect(try shop.send(.get, "/inventory/1").json["stock"] == 6)
        #expect(try shop.send(.get, "/inventory/2").json["stock"] == 2)
        #expect(try shop.send(.get, "/customers/ada/wallet", as: "ada").json["balance"] == 95_000)
        let entry = try shop.send(.get, "/customers/ada/wallet/entries", as: "ada").json["data"]?[0]
        #expect(entry?["amount"] == -5000)
        #expect(entry?["balance_after"] == 95_000)
        #expect(entry?["kind"] == "purchase")
        #expect(entry?["order_id"] == 1)
        #expect(entry?["actor"] == "ada")
        for (product, delta, after) in [(1, -4, 6), (2, -1, 2)] as [(Int, Int64, Int64)] {
            let target = "/inventory/\(product)/movements"
            let moved = try shop.send(.get, target, as: "sami").json["data"]?[0]
            #expect(moved?["delta"] == .integer(delta))
            #expect(moved?["stock_after"] == .integer(after))
            #expect(moved?["kind"] == "sold")
            #expect(moved?["order_id"] == 1)
            #expect(moved?["actor"] == "ada")
        }
    }

    @Test func aFreeOrderWritesNoWalletEntry() throws {
        let shop = try TestShop()
        _ = try shop.send(.patch, "/inventory/1", as: "sami", #"{"price":0}"#)
        #expect(try shop.send(CreateOrderTests.buy(1, 2, as: "ben")).status.code == 201)
        let entries = try shop.send(.get, "/customers/ben/wallet/entries", as: "ben")
        #expect(try entries.json["data"]?.elements.count == 0)
        #expect(try shop.send(.get, "/inventory/1").json["stock"] == 8)
        #expect(try shop.breaches() == [])
    }

    @Test func keepsNameAndPriceAsSold() throws {
        let shop = try TestShop()
        let sale = try shop.send(CreateOrderTests.buy(1, 2))
        let change = #"{"name":"golden pen","price":99999,"category":"gold"}"#
        #expect(try shop.send(.patch, "/inventory/1", as: "sami", change).status.code == 200)
        #expect(try shop.send(.get, "/sales/1", as: "ada").body == sale.body)
        #expect(try shop.send(.delete, "/inventory/1", as: "sami").status.code == 204)
        #expect(try shop.send(.get, "/sales/1", as: "ada").body == sale.body)
        #expect(try shop.breaches() == [])
    }

    @Test func sellsOnceForOneKeyAndAgainForARefusedOne() throws {
        let shop = try TestShop()
        let body = #"{"items":[{"product_id":1,"quantity":1}]}"#
        let poor = try shop.send(.post, "/sales", as: "ben", body, fields: .key("k"))
        #expect(poor.status.code == 409)
        _ = try shop.send(.post, "/customers/ben/wallet/credit", as: "sami", #"{"amount":250}"#)
        // A dry run neither uses an idempotency key nor replays a response.
        let dry = try shop.send(.post, "/sales?dry_run=true", as: "ben", body, fields: .key("k"))
        #expect(dry.status.code == 201)
        let first = try shop.send(.post, "/sales", as: "ben", body, fields: .key("k"))
        #expect(first.status.code == 201, "\(first.text)")
        let contents = try shop.contents()
        let second = try shop.send(.post, "/sales", as: "ben", body, fields: .key("k"))
        #expect(second.status.code == 201 && second.body == first.body)
        #expect(second.fields[.location] == first.fields[.location])
        #expect(try shop.contents() == contents)
        let other = #"{"items":[{"product_id":1,"quantity":2}]}"#
        let reused = try shop.send(.post, "/sales", as: "ben", other, fields: .key("k"))
        #expect(try reused.json["code"] == "idempotency_key_reused")
        #expect(try shop.contents() == contents)
    }
}
