import Foundation
import PostgresFixture
import ShopFixture
import Testing

extension SoukTests {
    @Suite struct CopyShopTests {
        /// From a file to a server, back into a file and into another file: nothing is lost.
        @Test func copiesAShopBetweenTheEngines() throws {
            let shop = try Operator.migrated()
            try shop.souk(
                "seed", "--demo", "--products", "300", "--customers", "20", "--orders", "500"
            )
            .expect(0)
            // Its number is not given again, although its row is gone.
            try shop.sql("DELETE FROM review_flags; INSERT INTO categories VALUES ('a\tb\\N', 0)")
            try shop.sql("DELETE FROM categories WHERE products = 0")
            let database = try TestServer.shared().newDatabase()
            let back = shop.folder.file("back.db")

            let there = try shop.souk("copy", shop.folder.file("souk.db"), database.url).expect(0)
            #expect(there.output.contains("orders "), "\(there)")
            try shop.souk("copy", database.url, back).expect(0)

            #expect(try rows(of: back) == rows(of: shop.folder.file("souk.db")))
            try shop.souk("copy", back, shop.folder.file("third.db")).expect(0)
            #expect(try rows(of: shop.folder.file("third.db")) == rows(of: back))
            var other = shop
            other.environment["SOUK_DATABASE"] = database.url
            try other.souk("check").expect(0)
        }

        @Test func refusesATargetWithTables() throws {
            let shop = try Operator.migrated()
            let database = shop.folder.file("souk.db")
            let outcome = try shop.souk("copy", database, database).expect(1)
            #expect(outcome.errors.contains("is not empty"), "\(outcome)")
        }

        /// The copy is refused before the target has a row.
        @Test func refusesABrokenSource() throws {
            let shop = try Operator.migrated()
            try shop.souk("seed", "--demo").expect(0)
            try shop.sql("UPDATE customers SET balance = balance + 1")
            let target = shop.folder.file("new.db")
            let outcome = try shop.souk("copy", shop.folder.file("souk.db"), target).expect(2)
            #expect(outcome.errors.contains("A wallet's balance"), "\(outcome)")
            #expect(!FileManager.default.fileExists(atPath: target))
        }

        private func rows(of file: String) throws -> [String] {
            let dump = try sqlite(file, ".dump")
            return dump.split(separator: "\n").map(String.init)
                .filter { $0.hasPrefix("INSERT INTO") && !$0.contains("INTO schema_migrations") }
                .filter { !$0.contains("product_search_") && !$0.contains("sqlite_schema") }
                .sorted()
        }
    }
}
