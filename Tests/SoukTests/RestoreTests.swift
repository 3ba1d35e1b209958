import Foundation
import ShopFixture
import Testing

extension SoukTests {
    /// `souk restore`: the backups that it rejects, and a complete restore of a shop with orders.
    @Suite struct RestoreTests {
        /// A shop with five orders, and a backup of it.
        private func backedUp() throws -> (shop: Operator, backup: String) {
            let shop = try Operator.migrated()
            try shop.souk("seed", "--products", "3", "--customers", "2", "--orders", "5").expect(0)
            let outcome = try shop.souk("backup", shop.folder.path).expect(0)
            return (shop, String(outcome.output.dropLast()))
        }

        private func files(_ shop: Operator, with part: String) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: shop.folder.path)
                .filter { $0.contains(part) }.sorted()
        }

        @Test func takesThePlaceOfTheDatabase() throws {
            let (shop, backup) = try backedUp()
            let then = try shop.sql(".dump")
            try shop.souk("seed", "--products", "1").expect(0)
            let later = try shop.sql(".dump")
            let outcome = try shop.souk("restore", backup).expect(0, errors: "")
            let former = try files(shop, with: "before").map(shop.folder.file)
            #expect(former.count == 1)
            #expect(
                outcome.output
                    == "restored \(backup)\nthe previous database is \(former.first ?? "")\n")
            #expect(try shop.sql(".dump") == then && then != later)
            #expect(try sqlite(former[0], ".dump") == later)
            #expect(try files(shop, with: "restoring") == [])
            try shop.souk("check").expect(0)
            // The backup is unchanged and can be restored again, also without an existing database.
            try FileManager.default.removeItem(atPath: shop.folder.file("souk.db"))
            try shop.souk("restore", backup).expect(0, output: "restored \(backup)\n", errors: "")
            try shop.souk("check").expect(0)
        }

        @Test func severalInOneSecondKeepWhatWasThereEachTime() throws {
            let (shop, backup) = try backedUp()
            for _ in 1...3 { try shop.souk("restore", backup).expect(0, errors: "") }
            #expect(try files(shop, with: "before").count == 3)
        }

        @Test func rejectsInvalidBackups() throws {
            let (shop, backup) = try backedUp()
            let before = try shop.sql(".dump")
            let bad = shop.folder.file("bad.db")
            func expectRefusal(_ file: String, _ code: Int32, _ sentence: String) throws {
                let outcome = try shop.souk("restore", file).expect(code, output: "")
                #expect(outcome.errors.contains(sentence), "\(outcome.errors)")
                #expect(try shop.sql(".dump") == before)
                #expect(try files(shop, with: "restoring") == [])
                #expect(try files(shop, with: "before") == [])
            }
            try expectRefusal("/nowhere.db", 1, "Error: /nowhere.db cannot be read: ")
            let own = shop.folder.file("souk.db")
            try expectRefusal(own, 1, "Error: \(own) is the shop's own database.")
            let rows: [(String, Int32, String)] = [
                (
                    "UPDATE orders SET subtotal = subtotal + 1, total = total + 1;", 2,
                    "An order's amounts are the sums of its lines."
                ),
                ("INSERT INTO schema_migrations VALUES (99, 'z', '', 0);", 1, "newer than this"),
                (
                    "DELETE FROM customers WHERE id = 2;", 2,
                    "Every foreign key refers to an existing row."
                ),
                (
                    "CREATE TRIGGER spy AFTER INSERT ON orders BEGIN SELECT 1; END;", 2,
                    "Tables, columns, rules, indexes, triggers and views are those of this program."
                ),
            ]
            for (sql, code, sentence) in rows {
                try? FileManager.default.removeItem(atPath: bad)
                try FileManager.default.copyItem(atPath: backup, toPath: bad)
                try sqlite(bad, sql)
                try expectRefusal(bad, code, sentence)
            }
        }

        /// The messages contain no SQL, the exit code is 2, and a file that is no shop gets no
        /// advice to migrate.
        @Test func rejectsAFileThatIsNoBackup() throws {
            let (shop, backup) = try backedUp()
            let whole = try Data(contentsOf: URL(fileURLWithPath: backup))
            let before = try shop.sql(".dump")
            let bad = shop.folder.file("bad.db")
            var damaged = whole
            damaged.replaceSubrange(100..<8192, with: Data(repeating: 0x5a, count: 8092))
            try sqlite(bad, "CREATE TABLE other (id);")
            let foreign = try Data(contentsOf: URL(fileURLWithPath: bad))
            let rows: [(Data, String)] = [
                (Data(), "is empty."),
                (Data("Dear diary, this is no database.".utf8), "is not a SQLite database."),
                (whole.prefix(99), "is not a SQLite database."),
                (whole.prefix(4096), "is truncated: it has 4096 of \(whole.count) bytes."),
                (
                    whole.dropLast(),
                    "is truncated: it has \(whole.count - 1) of \(whole.count) bytes."
                ),
                (damaged, "is damaged: database disk image is malformed."),
                (foreign, "is a database, but not a shop's."),
            ]
            for (bytes, sentence) in rows {
                try bytes.write(to: URL(fileURLWithPath: bad))
                try shop.souk("restore", bad)
                    .expect(2, output: "", errors: "Error: \(bad) \(sentence)\n")
                #expect(try shop.sql(".dump") == before)
                #expect(try files(shop, with: "restoring") == [])
            }
            try whole.write(to: URL(fileURLWithPath: bad))
            try shop.souk("restore", bad).expect(0)
        }

        @Test func anEarlierVersionIsMigratedAfterwards() throws {
            let (shop, backup) = try backedUp()
            try sqlite(backup, withoutReviews)
            let outcome = try shop.souk("restore", backup).expect(0, errors: "")
            #expect(
                outcome.output.hasSuffix(
                    "the backup is of an earlier version: run `souk migrate`, then `souk check`\n"))
            let refusal = try shop.souk("check").expect(1, output: "")
            #expect(refusal.errors.hasSuffix("run `souk migrate`.\n"))
            try shop.souk("migrate").expect(0)
            try shop.souk("check").expect(0)
        }

        @Test func aBrokenDatabaseIsSetAside() throws {
            let (shop, backup) = try backedUp()
            try shop.write("ruins", to: "souk.db")
            try shop.souk("restore", backup).expect(0, errors: "")
            let former = try files(shop, with: "before")
            #expect(former.count == 1)
            #expect(try shop.folder.text(of: former.first ?? "") == "ruins")
            try shop.souk("check").expect(0)
        }

        @Test func noProgramStartsDuringARestore() throws {
            let (shop, backup) = try backedUp()
            let lock = open(shop.folder.file("souk.db.lock"), O_RDONLY)
            #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
            let sentence =
                "\(shop.folder.file("souk.db")) is being restored. Retry when the restore is done.\n"
            for daemon in Programs.daemons {
                try shop.daemon(daemon).expect(1, errors: "\(daemon) cannot start: \(sentence)")
            }
            for command in [["check"], ["migrate"], ["backup", shop.folder.path]] {
                try run(Programs.souk, command, environment: shop.environment)
                    .expect(1, output: "", errors: "Error: \(sentence)")
            }
            #expect(flock(lock, LOCK_SH) == 0)
            try shop.souk("restore", backup).expect(
                1, output: "",
                errors:
                    "Error: The shop is in use. Stop its responders and all running `souk` commands.\n"
            )
            close(lock)
            try shop.souk("restore", backup).expect(0)
        }

        @Test func anotherProgramHasItOpen() throws {
            let (shop, backup) = try backedUp()
            let holder = Pipe()
            var streams = Child.Streams()
            streams.inputDescriptor = holder.fileHandleForReading.fileDescriptor
            streams.output = shop.folder.file("held")
            let program = try #require(Programs.installed("sqlite3"))
            let child = try Child(program, [shop.folder.file("souk.db")], streams)
            try holder.fileHandleForWriting.write(
                contentsOf: Data("SELECT 'held' FROM orders LIMIT 1;\n".utf8))
            #expect(eventually(within: 30) { (try? shop.folder.text(of: "held")) == "held\n" })
            try shop.souk("restore", backup).expect(
                1, output: "",
                errors: "Error: Another process has \(shop.folder.file("souk.db")) open.\n")
            #expect(try files(shop, with: "before") == [])
            try holder.fileHandleForWriting.close()
            try child.wait(seconds: 30)
            try shop.souk("restore", backup).expect(0)
        }

        @Test func aShopContinuesFromItsBackup() throws {
            let backups = try Folder()
            let shop = try RunningShop(knobs: ["SOUK_DEMO": "1"])
            func sell(_ shop: RunningShop) throws -> Int64 {
                try shop.visitor("ada", "ada-loves-tea").send(
                    "POST", "/sales", #"{"items":[{"product_id":1,"quantity":1}]}"#
                ).expect(201).integer("id")
            }
            func series(_ shop: RunningShop, of order: Int64) throws -> Substring {
                try shop.visitor("ada", "ada-loves-tea").send("GET", "/sales/\(order)/invoice")
                    .expect(200).string("number").prefix { $0 != "-" }
            }
            let first = try sell(shop)
            let begun = try series(shop, of: first)
            let made = try shop.souk("backup", backups.path).expect(0, errors: "")
            let backup = String(made.output.dropLast())
            let second = try sell(shop)
            #expect(try shop.souk("restore", backup).expect(1).errors.contains("shop is in use"))
            let third = try sell(shop)
            #expect([first, second, third] == [1, 2, 3])
            #expect(try series(shop, of: second) == begun)
            #expect(shop.stop() == 0)

            try shop.souk("restore", backup).expect(0, errors: "")
            let again = try RunningShop(in: shop.home)
            // Orders after the backup are gone, so their ids are used again.
            #expect(try sell(again) == 2)
            #expect(try series(again, of: 2) > begun)
            #expect(try series(again, of: 1) == begun)
            try again.souk("check").expect(0)
            let names = try FileManager.default.contentsOfDirectory(atPath: shop.home.path)
            let former = try #require(names.first { $0.contains("before") })
            #expect(try sqlite(shop.home.file(former), "SELECT COUNT(*) FROM orders;") == "3\n")
            #expect(again.stop() == 0)
        }
    }
}
