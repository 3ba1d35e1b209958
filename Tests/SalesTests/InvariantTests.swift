import Storage
import TestShop
import Testing

@Suite struct InvariantTests {
    // swift-format-ignore
    static let rows: [(damage: SQL, subject: String)] = [
        ("UPDATE orders SET total = 4751 WHERE id = 1",
            "order 1 costs 4751, its lines 4750"),
        ("UPDATE order_lines SET unit_price = 251 WHERE order_id = 1 AND product_id = 1",
            "order 1 costs 4750, its lines 4753"),
        ("DELETE FROM order_lines WHERE order_id = 1",
            "order 1 costs 4750, its lines 0"),
        ("UPDATE orders SET customer_id = 2 WHERE id = 1",
            "order 1 costs 4750, the wallet paid 0"),
        ("DELETE FROM wallet_entries WHERE order_id = 1",
            "order 1 costs 4750, the wallet paid 0"),
        ("UPDATE wallet_entries SET kind = 'deducted' WHERE order_id = 1",
            "order 1 costs 4750, the wallet paid 0"),
        ("INSERT INTO wallet_entries (customer_id, amount, balance_after, kind, order_id, actor_id, created_at) VALUES (1, -4750, 90500, 'purchase', 1, 1, 0)",
            "order 1 costs 4750, the wallet paid 9500"),
        ("DELETE FROM stock_movements WHERE order_id = 1 AND product_id = 2",
            "order 1 product 2"),
        ("UPDATE stock_movements SET delta = delta - 1 WHERE order_id = 1 AND product_id = 1",
            "order 1 product 1"),
        ("UPDATE order_lines SET quantity = 4 WHERE order_id = 1 AND product_id = 1",
            "order 1 product 1"),
        // What Customers and the engine promise, and a sale relies on.
        ("UPDATE customers SET balance = balance + 1 WHERE id = 1",
            "customer 1 holds 95251, the ledger says 95250"),
        ("UPDATE wallet_entries SET balance_after = 95251 WHERE order_id = 1",
            "wallet entry 2"),
    ]

    @Test(arguments: rows) func reports(damage: SQL, subject: String) throws {
        let shop = try TestShop()
        _ = try shop.send(
            .post, "/sales", as: "ada",
            #"{"items":[{"product_id":1,"quantity":3},{"product_id":2,"quantity":1}]}"#)
        #expect(try shop.breaches() == [])
        try shop.store.write { try $0.run(damage) }
        let found = try shop.breaches()
        #expect(found.contains(subject), "\(found)")
    }

    @Test func reportsEveryBreachAtOnce() throws {
        let shop = try TestShop()
        _ = try shop.send(SellTests.buy(1, 1))
        _ = try shop.send(SellTests.buy(1, 1))
        _ = try shop.send(SellTests.buy(1, 1))
        try shop.store.write { try $0.run("UPDATE orders SET total = total + id WHERE id > 1") }
        #expect(
            try Set(shop.breaches()) == [
                "order 2 costs 252, its lines 250", "order 2 costs 252, the wallet paid 250",
                "order 3 costs 253, its lines 250", "order 3 costs 253, the wallet paid 250",
                "day 20775",
            ])
    }

    /// What the tables themselves refuse needs no statement to find it.
    @Test func refusesWhatTheTablesForbid() throws {
        let shop = try TestShop()
        _ = try shop.send(SellTests.buy(1, 1))
        #expect(throws: StoreError.self) {
            try shop.store.write { try $0.run("DELETE FROM products WHERE id = 1") }
        }
        #expect(throws: StoreError.constraint("orders_total")) {
            try shop.store.write { try $0.run("UPDATE orders SET total = -1") }
        }
        #expect(try shop.breaches() == [])
    }
}
