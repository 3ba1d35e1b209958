import Foundation
import HTTP
import HTTPTypes
import ShopFixture
import TestShop
import Testing

extension SoukTests {
    /// Migrates the database of each released version to the present schema and compares its data.
    ///
    /// Databases/VERSION.sql are dumps with rows in every table. At a release, save one of the new
    /// version: `SOUK_TESTS_SAVE_DATABASE=VERSION swift test --filter SavedDatabaseTests`.
    @Suite struct SavedDatabaseTests {
        static let folder = "\(Programs.top)/Tests/SoukTests/Databases"
        static let saves = ProcessInfo.processInfo.environment["SOUK_TESTS_SAVE_DATABASE"]
        static let versions = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
            .filter { $0.hasSuffix(".sql") }.map { String($0.dropLast(4)) }.sorted()

        /// Columns of tables of the first release that must not change.
        static let figures = """
            SELECT 'customers', COUNT(*), SUM(balance) FROM customers;
            SELECT 'wallet', COUNT(*), SUM(amount) FROM wallet_entries;
            SELECT 'products', COUNT(*), SUM(stock), SUM(price) FROM products;
            SELECT 'movements', COUNT(*), SUM(delta) FROM stock_movements;
            SELECT 'orders', COUNT(*), SUM(total), SUM(refunded) FROM orders;
            SELECT 'lines', COUNT(*), SUM(quantity), SUM(refunded_quantity) FROM order_lines;
            SELECT 'reviews', COUNT(*), SUM(rating), SUM(helpful), SUM(flags) FROM reviews;
            SELECT 'wishlist', COUNT(*) FROM wishlist_items;
            SELECT 'sessions', COUNT(*) FROM sessions;
            SELECT 'keys', COUNT(*) FROM idempotency_keys;
            SELECT 'audit', COUNT(*) FROM audit_entries;
            SELECT 'names', group_concat(username, ' ') FROM customers;
            """

        @Test func theFirstReleaseIsSaved() {
            #expect(Self.versions.contains("0.2.0"))
        }

        @Test(.disabled(if: saves != nil), arguments: versions)
        func keepsItsData(version: String) throws {
            let shop = try Operator()
            try shop.sql(".read \(Self.folder)/\(version).sql")
            let before = try shop.sql(Self.figures)
            #expect(!before.contains("|0"), "a table has no rows: \(before)")
            try shop.souk("migrate").expect(0)
            #expect(try shop.sql(Self.figures) == before)
            if version == "0.2.0" {
                // Order 1 was shipped and partly refunded.
                let orders = try shop.sql(
                    """
                    SELECT payment_status, fulfillment_status, subtotal = total,
                        paid_at = created_at FROM orders ORDER BY id;
                    """)
                #expect(orders == "partially_refunded|fulfilled|1|1\npaid|unfulfilled|1|1\n")
                let units = try shop.sql("SELECT order_id, number, quantity FROM shipment_lines;")
                #expect(units == "1|1|2\n")
            }
            try shop.souk("check").expect(0)
            // The stored data works: the catalogue, and a password.
            let products = try shop.souk("export").expect(0).output
            #expect(products.contains(",pen,paper,"))
            let users = try shop.souk("user", "list", "--all").expect(0).output
            #expect(users.contains("ada"))
        }

        /// Writes the dump that the other test reads.
        @Test(.enabled(if: saves != nil)) func save() throws {
            let shop = try TestShop()
            try fill(shop)
            #expect(try shop.breaches() == [])
            let database = shop.folder.appending(path: "souk.db").path
            let dump = try sqlite(database, ".dump")
            try dump.write(
                toFile: "\(Self.folder)/\(Self.saves ?? "").sql", atomically: true, encoding: .utf8)
        }

        private func fill(_ shop: TestShop) throws {
            let key: HTTPFields = [HTTPField.Name("Idempotency-Key") ?? .accept: "first"]
            let steps: [Scenario.Step] = [
                .init(
                    .post, "/inventory", as: "sami", #"{"name":"cap","category":"hats","price":1}"#),
                .init(.delete, "/inventory/3", as: "sami"),
                .init(
                    .post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":2}]}"#,
                    fields: key),
                .init(
                    .post, "/sales", as: "ada",
                    #"{"items":[{"product_id":1,"quantity":1},{"product_id":2,"quantity":1}]}"#),
                .init(.post, "/sales/1/ship", as: "sami"),
                .init(
                    .post, "/sales/1/refund", as: "sami",
                    #"{"items":[{"product_id":1,"quantity":1}],"restock":true,"reason":"broken"}"#),
                .init(.post, "/reviews", as: "ada", #"{"product_id":1,"rating":4,"title":"good"}"#),
                .init(.post, "/reviews/1/approve", as: "mona"),
                .init(.put, "/reviews/1/vote", as: "ben"),
                .init(.post, "/reviews/1/flag", as: "ben", #"{"reason":"too short"}"#),
                .init(.put, "/wishlist/2", as: "ada"),
                .init(.post, "/customers/ben/wallet/credit", as: "sami", #"{"amount":700}"#),
                .init(
                    .post, "/customers/ada/api-keys", as: "ada",
                    #"{"name":"till","scopes":["read:sales"]}"#),
                .init(
                    .post, "/customers/login",
                    #"{"username":"ada","password":"\#(TestShop.password)"}"#),
            ]
            for step in steps { try step.succeeds(in: shop) }
            let guess = #"{"username":"ben","password":"a wrong guess"}"#
            #expect(try shop.send(.post, "/customers/login", guess).status == .unauthorized)
        }
    }
}
