import Foundation
import ShopFixture
import Testing

extension SoukTests {
    /// `souk check` on a damaged shop, and `souk seed`, which creates the shop.
    @Suite struct CheckTests {
        /// Three products, two customers and five orders.
        ///
        /// Each test gets a copy of the file.
        private static let seeded = Result {
            let shop = try Operator.migrated()
            try shop.souk("seed", "--products", "3", "--customers", "2", "--orders", "5").expect(
                0, output: "seeded 3 products, 2 customers, 5 orders\n", errors: "")
            try shop.sql(
                """
                INSERT INTO sessions VALUES (1, 1, '', '', 0, 0, 9, 9);
                INSERT INTO reviews (id, product_id, customer_id, rating, status,
                    verified_purchase, created_at, updated_at) VALUES (1, 1, 1, 4, 'pending', 0, 0, 0);
                PRAGMA wal_checkpoint(TRUNCATE);
                """)
            return try Data(contentsOf: URL(fileURLWithPath: shop.folder.file("souk.db")))
        }

        private func copy() throws -> Operator {
            let copy = try Operator()
            try Self.seeded.get().write(to: URL(fileURLWithPath: copy.folder.file("souk.db")))
            return copy
        }

        @Test func findsAHealthyShopSound() throws {
            let shop = try copy()
            let before = try shop.sql(".dump")
            let check = try shop.souk("check").expect(0, errors: "")
            let lines = check.output.split(separator: "\n")
            #expect(lines.count >= 11 && lines.allSatisfy { $0.hasPrefix("ok     ") })
            #expect(Set(lines).count == lines.count)
            #expect(try shop.sql(".dump") == before)
        }

        static let schemaSentence =
            "Tables, columns, rules, indexes, triggers and views are those of this program."
        static let unbound = "PRAGMA ignore_check_constraints = ON;"

        static let rows: [(sql: String, broken: String, breaches: [String])] = [
            (
                "UPDATE customers SET balance = balance + 1 WHERE id = 1",
                "A wallet's balance is the sum of its ledger.", ["customer 1 holds"]
            ),
            (
                "DELETE FROM wallet_entries WHERE kind = 'credited' AND customer_id = 2",
                "A wallet's balance is the sum of its ledger.", ["customer 2 holds"]
            ),
            (
                "UPDATE wallet_entries SET balance_after = balance_after + 1 WHERE id = 2",
                "Each wallet entry continues from the balance of the entry before.",
                ["wallet entry 2"]
            ),
            (
                "UPDATE customers SET status = 'erased' WHERE id = 1",
                "An erased account holds no money.", ["customer 1 holds"]
            ),
            (
                "INSERT INTO refresh_tokens VALUES ('hash', 1, NULL)",
                "A session that has ended has no refresh token.", ["session 1"]
            ),
            (
                "UPDATE products SET stock = stock - 1 WHERE id = 2",
                "A product's stock is the sum of its movements.", ["product 2 has"]
            ),
            (
                "UPDATE stock_movements SET stock_after = 7 WHERE id = 3",
                "Each stock movement continues from the stock of the movement before.",
                ["stock movement 3"]
            ),
            (
                "UPDATE orders SET subtotal = subtotal + 1, total = total + 1 WHERE id = 4",
                "An order's amounts are the sums of its lines.", ["order 4 costs"]
            ),
            (
                "DELETE FROM order_lines WHERE order_id = 5",
                "An order's amounts are the sums of its lines.", ["order 5 costs"]
            ),
            (
                "UPDATE orders SET subtotal = subtotal + 1, total = total + 1 WHERE id = 4",
                "An order's total was debited from its buyer's wallet exactly once.",
                ["order 4 costs"]
            ),
            (
                "UPDATE wallet_entries SET order_id = 1 WHERE order_id = 2",
                "An order's total was debited from its buyer's wallet exactly once.",
                ["order 2 costs"]
            ),
            (
                "DELETE FROM stock_movements WHERE order_id = 3",
                "An order's units were taken from stock exactly once.", ["order 3 product"]
            ),
            (
                "UPDATE products SET rating_count = 1, rating_sum = 5 WHERE id = 3",
                "A product's rating is that of its approved reviews.", ["product 3"]
            ),
            (
                "UPDATE reviews SET status = 'approved' WHERE id = 1",
                "A product's rating is that of its approved reviews.", ["product 1"]
            ),
            (
                "DELETE FROM customers WHERE id = 2",
                "Every foreign key refers to an existing row.", ["points into customers"]
            ),
            (
                "PRAGMA ignore_check_constraints = ON; UPDATE products SET stock = -1 WHERE id = 2",
                "The file is whole, each index agrees with its table, and each row keeps its table's rules.",
                ["products"]
            ),
            (
                "UPDATE sales_by_day SET units = units + 1",
                "A day's report matches its orders, its products' totals and its refunds.", ["day "]
            ),
            (
                "UPDATE order_lines SET product_id = 99 WHERE order_id = 1 AND product_id = 1",
                "Every foreign key refers to an existing row.", ["order_lines points into products"]
            ),
            (
                "CREATE TRIGGER spy AFTER INSERT ON orders BEGIN UPDATE customers SET balance = 0; END",
                schemaSentence,
                ["trigger spy is not part of the schema"]
            ),
            (
                "CREATE VIEW orders_seen AS SELECT * FROM orders", schemaSentence,
                ["view orders_seen is not part of the schema"]
            ),
            ("CREATE TABLE other (id)", schemaSentence, ["table other is not part of the schema"]),
            ("DROP INDEX orders_by_age", schemaSentence, ["index orders_by_age is missing"]),
            (
                "DROP TABLE review_flags", schemaSentence,
                ["index review_flags_by_customer is missing", "table review_flags is missing"]
            ),
            (
                "ALTER TABLE orders ADD COLUMN paid_by TEXT", schemaSentence,
                ["table orders differs"]
            ),
            (
                """
                PRAGMA writable_schema = ON;
                UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (stock BETWEEN 0 AND 1000000000)', '')
                WHERE name = 'products'
                """,
                schemaSentence, ["table products differs"]
            ),
            // Sums beyond 64 bits, written by hand.
            (
                """
                \(unbound) UPDATE products SET stock = 9223372036854775807;
                UPDATE stock_movements SET delta = 9223372036854775807
                """,
                "A product's stock is the sum of its movements.",
                ["product 1 has 9223372036854775807"]
            ),
            (
                """
                \(unbound) UPDATE customers SET balance = 9223372036854775807;
                UPDATE wallet_entries SET amount = 9223372036854775807
                """,
                "A wallet's balance is the sum of its ledger.",
                ["customer 1 holds 9223372036854775807"]
            ),
            (
                "\(unbound) UPDATE order_lines SET unit_price = 9223372036854775807, quantity = 9223372036854775807",
                "An order's amounts are the sums of its lines.", ["order 1 costs"]
            ),
            (
                "UPDATE sales_by_day SET gross = 9223372036854775807, refunded = 9223372036854775807",
                "A day's report matches its orders, its products' totals and its refunds.", ["day "]
            ),
            (
                """
                PRAGMA writable_schema = ON;
                UPDATE sqlite_schema SET sql = replace(sql, '(customer_id, id)', '(customer_id, amount)')
                WHERE name = 'wallet_entries_by_customer'
                """,
                "The file is whole, each index agrees with its table, and each row keeps its table's rules.",
                ["wallet_entries_by_customer"]
            ),
        ]

        @Test(arguments: rows) func namesEachFault(
            row: (sql: String, broken: String, breaches: [String])
        ) throws {
            let shop = try copy()
            try shop.sql("\(row.sql);")
            let size = try shop.sql(".dump").count
            let check = try shop.souk("check").expect(2, errors: "")
            let lines = check.output.split(separator: "\n").map(String.init)
            let place = lines.firstIndex(of: "BROKEN \(row.broken)")
            #expect(place != nil, "\(check.output)")
            let shown = lines.dropFirst((place ?? 0) + 1).prefix { $0.hasPrefix("       ") }
            for breach in row.breaches {
                #expect(shown.contains { $0.contains(breach) }, "\(check.output)")
            }
            // A backup rejects it with a message, and nothing was repaired or removed.
            let folder = try Folder()
            let backup = try shop.souk("backup", folder.path).expect(2, output: "")
            #expect(backup.errors.contains(row.broken) && !backup.errors.contains("SELECT"))
            #expect(try shop.sql(".dump").count == size)
        }

        /// The tables that ANALYZE adds, and the changes of VACUUM, are no faults.
        @Test func ignoresTablesThatSQLiteAdds() throws {
            let shop = try copy()
            try shop.sql(
                "ANALYZE; VACUUM; INSERT INTO product_search (product_search) VALUES ('optimize');")
            try shop.souk("check").expect(0)
        }

        private struct CheckResult: Decodable {
            let invariant: String
            let holds: Bool
            let breaches: [String]
        }

        @Test func reportsTheSameInJSON() throws {
            let shop = try copy()
            let sound = try shop.souk("check", "--json").expect(0, errors: "")
            let findings = try JSONDecoder().decode(
                [CheckResult].self, from: Data(sound.output.utf8))
            #expect(findings.count >= 11)
            #expect(findings.allSatisfy { $0.holds && $0.breaches.isEmpty })

            try shop.sql("UPDATE customers SET balance = balance + 1")
            try shop.sql("UPDATE products SET stock = 7 WHERE id = 1")
            let broken = try shop.souk("check", "--json").expect(2, errors: "")
            let all = try JSONDecoder().decode([CheckResult].self, from: Data(broken.output.utf8))
            #expect(all.map(\.invariant) == findings.map(\.invariant))
            #expect(
                all.filter { !$0.holds }.map(\.invariant) == [
                    "A wallet's balance is the sum of its ledger.",
                    "The sum of all wallets is that of their balances.",
                    "A product's stock is the sum of its movements.",
                ])
            #expect(all.allSatisfy { $0.holds == $0.breaches.isEmpty })
        }

        @Test func showsTheFirstHundred() throws {
            let shop = try Operator.migrated()
            try shop.souk("seed", "--customers", "150").expect(0)
            try shop.sql("UPDATE customers SET balance = balance + 1;")
            let check = try shop.souk("check").expect(2)  // A hundred wallets, and their sum.
            #expect(check.output.split(separator: "\n").count { $0.hasPrefix("       ") } == 101)
        }

        @Test func seedsTheSameShopEachTime() throws {
            let arguments = ["seed", "--products", "40", "--customers", "7", "--orders", "60"]
            let contents = try (0..<2).map { _ in
                let shop = try Operator.migrated()
                try run(Programs.souk, arguments, environment: shop.environment).expect(
                    0, output: "seeded 40 products, 7 customers, 60 orders\n", errors: "")
                try shop.souk("check").expect(0)
                return try shop.sql(
                    """
                    SELECT username, full_name, role, balance FROM customers;
                    SELECT id, name, category, price, stock, description FROM products;
                    SELECT id, customer_id, total FROM orders;
                    SELECT * FROM order_lines;
                    """)
            }
            #expect(contents[0] == contents[1])
            #expect(contents[0].contains("c7|Customer c7|customer|"))
        }

        @Test func seedsOnceMore() throws {
            let shop = try copy()
            try shop.souk("seed", "--products", "2", "--customers", "3", "--orders", "4").expect(
                0, output: "seeded 2 products, 3 customers, 4 orders\n", errors: "")
            #expect(
                try shop.sql("SELECT username FROM customers WHERE role = 'customer' ORDER BY id;")
                    == "c1\nc2\nc3\nc4\nc5\n")
            try shop.souk("check").expect(0)
        }

        @Test func seedsTheDemoShop() throws {
            let shop = try Operator.migrated()
            let demo = try shop.souk("seed", "--demo").expect(0, errors: "")
            try shop.souk("check").expect(0)
            let accounts = demo.output.split(separator: "\n").dropFirst().map {
                $0.split(separator: " ").map(String.init)
            }
            #expect(
                accounts.map { [$0[0], $0[2]] } == [
                    ["ada", "customer"], ["mona", "moderator"], ["sami", "staff"],
                    ["adil", "admin"],
                ])
            #expect(try shop.sql("SELECT COUNT(*) FROM products;") == "12\n")
            // A second run is rejected and changes nothing.
            let before = try shop.sql(".dump")
            try shop.souk("seed", "--demo").expect(
                1, errors: "Error: Another customer has this username.\n")
            #expect(try shop.sql(".dump") == before)
        }
    }
}
