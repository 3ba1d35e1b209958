import Storage
import TestShop
import Testing

/// The columns that the indexes of stock are on.
@Suite struct StockLevelTests {
    /// The shop has 10 pens.
    @Test func followTheStock() throws {
        let shop = try TestShop()
        func levels(stock: Int64, threshold: Int64?) throws -> [Int64] {
            try shop.store.write { tx in
                try tx.run(
                    "UPDATE products SET stock = \(stock), low_stock = \(threshold) WHERE id = 1")
                let row = try tx.first(
                    "SELECT is_out_of_stock, is_low_on_stock FROM products WHERE id = 1")
                return try [row?["is_out_of_stock"] ?? -1, row?["is_low_on_stock"] ?? -1]
            }
        }
        #expect(try levels(stock: 3, threshold: nil) == [0, 0])
        #expect(try levels(stock: 3, threshold: 2) == [0, 0])
        #expect(try levels(stock: 2, threshold: 2) == [0, 1])
        #expect(try levels(stock: 0, threshold: 2) == [1, 1])
        #expect(try levels(stock: 0, threshold: nil) == [1, 0])
    }

    /// An order then writes no entry into the nine indexes of products.
    ///
    /// https://www.postgresql.org/docs/15/storage-hot.html
    @Test(.onPostgreSQL) func anotherStockChangesNoIndex() throws {
        let shop = try TestShop()
        let updates: Int64? = try shop.store.write { tx in
            for _ in 0..<5 { try tx.run("UPDATE products SET stock = stock - 1 WHERE id = 1") }
            return try tx.first(
                """
                SELECT pg_stat_get_xact_tuples_hot_updated(CAST('products' AS regclass)) AS hot
                """)?["hot"]
        }
        #expect(updates == 5)
    }
}
