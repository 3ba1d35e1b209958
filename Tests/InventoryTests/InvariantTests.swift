import Storage
import TestShop
import Testing

@Suite struct InvariantTests {
    // swift-format-ignore
    static let rows: [(damage: SQL, subject: String)] = [
        ("UPDATE products SET stock = 9 WHERE id = 1",
            "product 1 has 9, its movements say 10"),
        ("DELETE FROM stock_movements WHERE product_id = 2",
            "product 2 has 3, its movements say 0"),
        ("UPDATE stock_movements SET stock_after = 11 WHERE id = 1",
            "stock movement 1"),
        ("UPDATE stock_movements SET delta = delta + 1 WHERE id = 2",
            "stock movement 2"),
    ]

    @Test(arguments: rows) func reports(damage: SQL, subject: String) throws {
        let shop = try TestShop()
        #expect(try shop.breaches() == [])
        try shop.store.write { try $0.run(damage) }
        #expect(try shop.breaches().contains(subject))
    }

    @Test func findsTheGapBetweenTwoMovements() throws {
        let shop = try TestShop()
        let body = #"{"delta":5,"reason":"a box"}"#
        for _ in 0..<3 { _ = try shop.send(.post, "/inventory/1/stock", as: "sami", body) }
        #expect(try shop.breaches() == [])
        try shop.store.write {
            try $0.run("UPDATE stock_movements SET stock_after = 21 WHERE id = 4")
        }
        // Neither this movement nor the one behind it goes on from the one before.
        #expect(try shop.breaches() == ["stock movement 4", "stock movement 5"])
    }
}
