import Storage
import TestShop
import Testing
import Words

@Suite struct InventoryInvariantTests {
    static let rows: [(damage: SQL, subject: String)] = [
        (
            "UPDATE products SET stock = 9 WHERE id = 1",
            "product 1 has 9, its movements say 10"
        ),
        (
            "DELETE FROM stock_movements WHERE product_id = 2",
            "product 2 has 3, its movements say 0"
        ),
        (
            "UPDATE stock_movements SET stock_after = 11 WHERE id = 1",
            "stock movement 1"
        ),
        (
            "UPDATE stock_movements SET delta = delta + 1 WHERE id = 2",
            "stock movement 2"
        ),
        (
            "UPDATE categories SET products = 2 WHERE name = 'paper'",
            "category paper"
        ),
        (
            "DELETE FROM categories WHERE name = 'light'",
            "category light"
        ),
        (
            "INSERT INTO categories (name, products) VALUES ('ink', 1)",
            "category ink"
        ),
        (
            "UPDATE products SET category = 'light' WHERE id = 1",
            "category paper"
        ),
        (
            "UPDATE products SET archived_at = 0 WHERE id = 2",
            "category light"
        ),
        (
            "DELETE FROM product_search WHERE \(.document) = 1",
            "product 1"
        ),
        (
            "UPDATE product_search SET name = 'pencil' WHERE \(.document) = 1",
            "product 1"
        ),
        (
            "UPDATE product_search SET sku = 'P' WHERE \(.document) = 2",
            "product 2"
        ),
        (
            "UPDATE product_search SET description = 'old' WHERE \(.document) = 1",
            "product 1"
        ),
        (
            "INSERT INTO product_search (\(.document), name, sku, description) VALUES (3, 'ghost', '', '')",
            "product 3"
        ),
        (
            "UPDATE products SET name = 'quill', name_key = \(sortKey("quill")) WHERE id = 1",
            "product 1"
        ),
        (
            "UPDATE products SET archived_at = 0 WHERE id = 1",
            "product 1"
        ),
        (
            "UPDATE products SET name_key = 'quill' WHERE id = 1",
            "product 1"
        ),
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
        // Neither this movement nor the next one continues from the previous one.
        #expect(try shop.breaches() == ["stock movement 4", "stock movement 5"])
    }
}
