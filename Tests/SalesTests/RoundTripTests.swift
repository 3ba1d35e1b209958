import HTTPTypes
import Storage
import TestShop
import Testing

/// How often an order waits for the server, which may be on another machine.
@Suite(.onPostgreSQL) struct RoundTripTests {
    /// The caller, the key and the stock; the order and the wallet; the rest with the commit.
    @Test(arguments: [
        #"[{"product_id":1,"quantity":1}]"#,
        #"[{"product_id":2,"quantity":1},{"product_id":1,"quantity":2}]"#,
    ])
    func anOrderHasThree(items: String) throws {
        let shop = try TestShop()
        // No product sells out, which would be an event with a product.
        try shop.store.write { try $0.run("UPDATE products SET stock = 100") }
        func trips() throws -> Int {
            let metric = shop.store.metrics.first { $0.name == "souk_postgres_round_trips_total" }
            return try #require(metric?.samples.first.flatMap { Int($0.value) })
        }
        func buy(_ key: String) throws {
            let made = try shop.send(
                .post, "/sales", as: "ada", #"{"items":\#(items)}"#, fields: .key(key))
            #expect(made.status == .created, "\(made.text)")
        }
        // The token, the connection and the removal of old keys.
        try buy("first")
        let counts = try (1...3).map { number in
            let before = try trips()
            try buy("key \(number)")
            return try trips() - before
        }
        #expect(counts == [3, 3, 3])
    }

    /// The first round trip takes the stock, before it is known whether the call is a retry.
    @Test func aRetryAndARefusedCallerTakeNothing() throws {
        let shop = try TestShop()
        func buy(_ quantity: Int, _ key: String) throws -> HTTPResponse.Status {
            let body = #"{"items":[{"product_id":1,"quantity":\#(quantity)}]}"#
            return try shop.send(.post, "/sales", as: "ada", body, fields: .key(key)).status
        }
        func stock() throws -> Int64 {
            try shop.value("SELECT stock AS value FROM products WHERE id = 1")
        }
        let before = try stock()
        #expect(try buy(1, "first") == .created)
        #expect(try buy(1, "first") == .created)
        #expect(try stock() == before - 1)
        #expect(try buy(2, "first") == .unprocessableContent)
        let ended = try shop.store.write { try $0.run("UPDATE sessions SET ended_at = created_at") }
        #expect(ended > 0)
        #expect(try buy(1, "second") == .unauthorized)
        #expect(try stock() == before - 1)
    }
}
