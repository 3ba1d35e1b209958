import Foundation
import ShopFixture
import Testing

extension SoukTests {
    /// `souk migrate`, and the programs that do not start without it.
    @Suite struct DatabaseTests {
        static let commands = [
            ["check"], ["check", "--json"], ["user", "list"], ["user", "list", "--all"],
            ["user", "add", "bob"], ["user", "role", "bob", "admin"], ["user", "suspend", "bob"],
            ["user", "activate", "bob"], ["seed", "--demo"], ["seed", "--products", "1"],
            ["export"], ["import", "/dev/null", "--as", "bob"],
        ]

        /// Every responder and every command that needs a database prints `sentence` and ends with
        /// 1.
        private func expectRefusal(_ shop: Operator, _ sentence: String) throws {
            for daemon in Programs.daemons {
                try shop.daemon(daemon).expect(
                    1, output: "", errors: "\(daemon) cannot start: \(sentence)\n")
            }
            for command in Self.commands {
                try run(
                    Programs.souk, command, environment: shop.environment, input: "a password\n"
                )
                .expect(1, output: "", errors: "Error: \(sentence)\n")
            }
        }

        @Test func migratesOnce() throws {
            let shop = try Operator()
            let first = try shop.souk("migrate").expect(0, errors: "")
            let made = first.output.split(separator: "\n")
            #expect(made.count >= 12 && made.allSatisfy { $0.hasPrefix("migrated: ") })
            #expect(made.contains("migrated: customers/1 customers, sessions, wallets and audit"))
            let schema = try shop.sql(".schema")
            let applied = try shop.sql("SELECT * FROM schema_migrations;")
            try shop.souk("migrate").expect(
                0,
                output:
                    "nothing to migrate: \(shop.folder.file("souk.db")) is at version \(made.count)\n",
                errors: "")
            #expect(try shop.sql(".schema") == schema)
            #expect(try shop.sql("SELECT * FROM schema_migrations;") == applied)
        }

        @Test func aNewTimeZoneIsAppliedByMigrate() throws {
            var shop = try Operator()
            try shop.souk("migrate").expect(0)
            shop.environment["SOUK_TIME_ZONE"] = "Asia/Kolkata"
            for daemon in Programs.daemons {
                try shop.daemon(daemon).expect(
                    1, output: "",
                    errors: """
                        \(daemon) cannot start: SOUK_TIME_ZONE is Asia/Kolkata, but reports show the \
                        days of UTC: run `souk migrate`.

                        """)
            }
            try shop.souk("migrate").expect(
                0, output: "time zone: reports show the days of Asia/Kolkata\n", errors: "")
            let again = try shop.souk("migrate").expect(0, errors: "")
            #expect(again.output.hasPrefix("nothing to migrate"), "\(again.output)")
            let offsets = try shop.sql("SELECT utc_offset FROM report_offsets;")
            #expect(offsets == "19800000\n")
        }

        @Test func noFile() throws {
            let shop = try Operator()
            let file = shop.folder.file("souk.db")
            try expectRefusal(
                shop,
                "\(file): The database cannot be used: "
                    + "unable to open database file (SQLite 14: No such file or directory)"
            )
            #expect(!FileManager.default.fileExists(atPath: file))
        }

        @Test func noTables() throws {
            let shop = try Operator()
            try shop.sql("CREATE TABLE other (id); DROP TABLE other;")
            try expectRefusal(shop, "The database has no schema yet: run `souk migrate`.")
            try shop.souk("migrate").expect(0)
            try shop.souk("check").expect(0)
        }

        @Test func anotherProgramsDatabase() throws {
            let shop = try Operator()
            try shop.sql("CREATE TABLE other (id); INSERT INTO other VALUES (1);")
            let file = shop.folder.file("souk.db")
            let sentence = "\(file) is a database, but not a shop's."
            try expectRefusal(shop, sentence)
            try shop.souk("migrate").expect(1, output: "", errors: "Error: \(sentence)\n")
            #expect(try shop.sql(".tables") == "other\n")
        }

        @Test func aMigrationBehind() throws {
            let shop = try Operator.migrated()
            let names = try shop.sql("SELECT name FROM schema_migrations ORDER BY version;")
                .split(separator: "\n")
            let last = try #require(names.last)
            try shop.sql("DELETE FROM schema_migrations WHERE name = '\(last)';")
            try expectRefusal(
                shop,
                "The database lacks 1 of \(names.count) migrations, next is '\(last)': run `souk migrate`."
            )
        }

        @Test func aNewerOne() throws {
            let shop = try Operator.migrated()
            let count = try shop.sql("SELECT COUNT(*) FROM schema_migrations;")
                .trimmingCharacters(in: .whitespacesAndNewlines)
            let known = Int(count) ?? 0
            try shop.sql(
                "INSERT INTO schema_migrations VALUES (\(known + 1), 'future/1 prices in stars', 'abc', 0);"
            )
            let sentence =
                "The database is newer than this program, which does not know its migration 'future/1 prices in stars'."
            try expectRefusal(shop, sentence)
            try shop.souk("migrate").expect(1, output: "", errors: "Error: \(sentence)\n")
        }

        /// The schemas before the first release had these names and other tables.
        static let histories: [(change: String, found: String, known: String)] = [
            (
                "UPDATE schema_migrations SET checksum = 'edited' WHERE name LIKE 'customers/1 %'",
                "customers/1 customers, sessions, wallets and audit",
                "customers/1 customers, sessions, wallets and audit"
            ),
            (
                """
                UPDATE schema_migrations SET name = 'customers/1 people, sessions and wallets', checksum = 'a'
                    WHERE name LIKE 'customers/1 %';
                INSERT INTO schema_migrations VALUES (99, 'customers/2 failed logins by a digest of the name', 'b', 0);
                UPDATE customers SET balance = 7
                """,
                "customers/1 people, sessions and wallets",
                "customers/1 customers, sessions, wallets and audit"
            ),
        ]

        @Test(arguments: histories) func anotherHistory(
            row: (change: String, found: String, known: String)
        ) throws {
            let shop = try Operator.migrated()
            try shop.souk("seed", "--customers", "2").expect(0)
            try shop.sql("\(row.change);")
            let before = try shop.sql(".dump")
            let sentence =
                """
                The database was made by a version of Souk with other tables and cannot be upgraded: \
                its migration '\(row.found)' is not this program's '\(row.known)'. Nothing was changed.
                """
            try expectRefusal(shop, sentence)
            try shop.souk("migrate").expect(1, output: "", errors: "Error: \(sentence)\n")
            #expect(try shop.sql(".dump") == before)
        }

        @Test func everyTableIsStrict() throws {
            let shop = try Operator.migrated()
            let loose = """
                SELECT name FROM pragma_table_list
                WHERE type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%';
                """
            #expect(try shop.sql(loose) == "")
        }

        @Test func everyRuleHasAName() throws {
            let shop = try Operator.migrated()
            let schema = try shop.sql("SELECT sql FROM sqlite_schema WHERE type = 'table';")
            let rules = try schema.matches(of: Regex(#"(?:CHECK|UNIQUE)\b"#)).count
            let named = try schema.matches(of: Regex(#"CONSTRAINT \w+\s+(?:CHECK|UNIQUE)\b"#)).count
            #expect(rules > 20 && named == rules)
        }

        @Test func noDatabaseAtAll() throws {
            let shop = try Operator()
            let file = shop.folder.file("souk.db")
            try shop.write("Dear diary, this is no database.", to: "souk.db")
            let sentence = "\(file) cannot be used: file is not a database."
            try expectRefusal(shop, sentence)
            try shop.souk("migrate").expect(1, output: "", errors: "Error: \(sentence)\n")
            #expect(try shop.folder.text(of: "souk.db") == "Dear diary, this is no database.")
        }

        @Test func aFolderThatIsNotThere() throws {
            var shop = try Operator()
            shop.environment["SOUK_DATABASE"] = "/nowhere/souk.db"
            let migrate = try shop.souk("migrate").expect(1, output: "")
            #expect(
                migrate.errors.hasPrefix("Error: /nowhere/souk.db: The database cannot be used: "))
        }

        @Test func aLockedOne() throws {
            let shop = try Operator.migrated()
            let holder = Pipe()
            var streams = Child.Streams()
            streams.inputDescriptor = holder.fileHandleForReading.fileDescriptor
            streams.output = shop.folder.file("held")
            let program = try #require(Programs.installed("sqlite3"))
            let child = try Child(program, [shop.folder.file("souk.db")], streams)
            try holder.fileHandleForWriting.write(
                contentsOf: Data("BEGIN IMMEDIATE; SELECT 'held';\n".utf8))
            #expect(eventually(within: 30) { (try? shop.folder.text(of: "held")) == "held\n" })
            try shop.souk("user", "add", "bob", input: "a password\n").expect(
                1, output: "", errors: "Error: The database is locked. Retry later.\n")
            // Reads do not wait for the lock.
            try shop.souk("check").expect(0)
            // A program that another test starts at this moment may keep the pipe open.
            try holder.fileHandleForWriting.write(contentsOf: Data("ROLLBACK;\n.quit\n".utf8))
            try holder.fileHandleForWriting.close()
            try child.wait(seconds: 30)
        }
    }
}
