import Foundation
import ShopFixture
import Testing

extension SoukTests {
    /// `souk backup` on a closed shop; RestoreTests has an open one.
    @Suite struct BackupTests {
        private func seeded(products: Int = 3) throws -> Operator {
            let shop = try Operator.migrated()
            try shop.souk("seed", "--products", "\(products)", "--customers", "2", "--orders", "5")
                .expect(0)
            return shop
        }

        private func files(_ folder: Folder) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        }

        @Test func isTheShopInOneFile() throws {
            let shop = try seeded()
            let folder = try Folder()
            let backup = try shop.souk("backup", folder.path).expect(0, errors: "")
            let names = try files(folder)
            #expect(backup.output == "\(folder.file(names.first ?? ""))\n")
            #expect(
                names.count == 1
                    && names[0].wholeMatch(of: /souk-[0-9]{8}T[0-9]{6}Z\.db/) != nil)
            let copy = folder.file(names[0])
            #expect(try sqlite(copy, ".dump") == shop.sql(".dump"))
            #expect(
                try sqlite(copy, "PRAGMA journal_mode; PRAGMA integrity_check;") == "delete\nok\n")
            #expect(try files(folder) == names)
            let mode = try FileManager.default.attributesOfItem(atPath: copy)[.posixPermissions]
            #expect(mode as? Int == 0o600)
        }

        private struct Report: Decodable {
            let file: String
            let bytes: Int
            let checked: Bool
            let removed: [String]
        }

        @Test func keepsTheNewest() throws {
            let shop = try seeded()
            let folder = try Folder()
            let old = [
                "souk-20240101T000000Z.db", "souk-20240102T000000Z.db", "souk-20250101T000000Z.db",
            ]
            let others = ["souk-20240101.db", "notes.txt", "souk-20240101T000000Z.db.gz"]
            for name in old + others {
                try Data("before".utf8).write(to: URL(fileURLWithPath: folder.file(name)))
            }
            let outcome = try shop.souk("backup", folder.path, "--keep", "2", "--json")
                .expect(0, errors: "")
            let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
            #expect(report.removed == old.prefix(2).map(folder.file))
            #expect(report.checked && report.bytes > 100_000)
            let left = try files(folder)
            #expect(Set(left).isSuperset(of: others + [old[2]]) && left.count == 5)
            #expect(left.contains { folder.file($0) == report.file })
            try shop.souk("backup", folder.path, "--keep", "0").expect(64)
        }

        /// The dates of other files do not matter: one in the future neither counts nor is removed.
        @Test(arguments: [1, 2]) func neverRemovesTheNewBackup(keep: Int) throws {
            let shop = try seeded()
            let folder = try Folder()
            let past = ["souk-20240101T000000Z.db", "souk-20240102T000000Z.db"]
            let future = "souk-29990101T000000Z.db"
            for name in past + [future] {
                try Data("before".utf8).write(to: URL(fileURLWithPath: folder.file(name)))
            }
            let outcome = try shop.souk("backup", folder.path, "--keep", "\(keep)").expect(
                0,
                errors:
                    "Warning: \(folder.file(future)) is dated in the future; it was neither counted nor removed.\n"
            )
            let lines = outcome.output.split(separator: "\n").map(String.init)
            let removed = past.dropLast(keep - 1).map(folder.file)
            #expect(Array(lines.dropFirst()) == removed.map { "removed \($0)" })
            #expect(
                try Set(files(folder).map(folder.file))
                    == Set([lines[0], folder.file(future)] + past.map(folder.file))
                    .subtracting(removed))
        }

        private func times(_ shop: Operator) throws -> [String: Double] {
            let lines = try shop.folder.text(of: "souk.db.backups").split(separator: "\n")
            return Dictionary(
                lines.map { $0.split(separator: " ") }
                    .map { (String($0[0]), Double($0[1]) ?? -1) }, uniquingKeysWith: max)
        }

        /// The values that the responders export as metrics.
        @Test func recordsSuccessAndFailure() throws {
            let shop = try seeded()
            let folder = try Folder()
            let start = Date.now.timeIntervalSince1970.rounded(.down)
            try shop.souk("backup", folder.path).expect(0)
            let first = try times(shop)
            #expect(first["failed"] == 0 && first["succeeded"] ?? 0 >= start)
            try shop.souk("backup", "/proc").expect(1)
            let second = try times(shop)
            #expect(second["succeeded"] == first["succeeded"] && second["failed"] ?? 0 >= start)
            try shop.sql("UPDATE customers SET balance = balance + 1;")
            try shop.write("succeeded 7\nfailed 0\n", to: "souk.db.backups")
            try shop.souk("backup", folder.path).expect(2)
            let third = try times(shop)
            #expect(third["succeeded"] == 7 && third["failed"] ?? 0 >= start)
            let file = shop.folder.file("souk.db.backups")
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]
            #expect(mode as? Int == 0o644)
        }

        static let damages: [(sql: String, sentence: String)] = [
            (
                "UPDATE customers SET balance = balance + 1 WHERE id = 1;",
                "A wallet's balance is the sum of its ledger."
            ),
            (
                """
                PRAGMA writable_schema = ON;
                UPDATE sqlite_schema SET sql = replace(sql, '(customer_id, id)', '(customer_id, amount)')
                WHERE name = 'wallet_entries_by_customer';
                """,
                "The file is whole, each index agrees with its table, and each row keeps its table's rules."
            ),
        ]

        @Test(arguments: damages) func aBrokenOneIsRemoved(sql: String, sentence: String) throws {
            let shop = try seeded()
            let folder = try Folder()
            let old = folder.file("souk-20240101T000000Z.db")
            try Data("before".utf8).write(to: URL(fileURLWithPath: old))
            try shop.sql(sql)
            let outcome = try shop.souk("backup", folder.path, "--keep", "1").expect(2, output: "")
            let beginning = "Error: The copy was removed, because it violates these rules: "
            #expect(outcome.errors.hasPrefix("\(beginning)\(sentence) "), "\(outcome.errors)")
            #expect(outcome.errors.hasSuffix(" Run `souk check` for the details.\n"))
            #expect(try files(folder) == ["souk-20240101T000000Z.db"])
        }

        @Test func oneAtATime() throws {
            let shop = try seeded()
            let folder = try Folder()
            let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY)
            #expect(flock(descriptor, LOCK_EX) == 0)
            try shop.souk("backup", folder.path).expect(
                1, output: "",
                errors: "Error: Another backup into \(folder.path) is in progress.\n")
            close(descriptor)
            try shop.souk("backup", folder.path).expect(0)
            try shop.souk("backup", folder.path).expect(0)
            #expect(try files(folder).count == 2)
        }

        @Test func anInvalidFolder() throws {
            let shop = try seeded()
            try shop.souk("backup", "/nowhere").expect(
                1, output: "",
                errors: "Error: /nowhere cannot be used: No such file or directory.\n")
            // The header says that the database cannot grow.
            try shop.souk("backup", "/proc").expect(
                1, output: "", errors: "Error: /proc has 0 MiB free, but the copy may need 1 MiB.\n"
            )
            let empty = try Operator()
            let folder = try Folder()
            try empty.souk("backup", folder.path).expect(
                1, output: "",
                errors:
                    "Error: \(empty.folder.file("souk.db")) does not exist: No such file or directory.\n"
            )
            #expect(try files(folder) == [])
        }

        @Test func anEarlierVersionIsCopiedAndALaterOneIsNot() throws {
            let shop = try seeded()
            let folder = try Folder()
            try shop.sql(withoutReviews)
            let outcome = try shop.souk("backup", folder.path).expect(0, errors: "")
            #expect(
                outcome.output.hasSuffix(
                    "\nthe database is of an earlier version: only the file and its schema were checked\n"
                ))
            try shop.sql("INSERT INTO schema_migrations VALUES (98, 'x', '', 0), (99, 'y', '', 0);")
            let refused = try shop.souk("backup", folder.path).expect(1, output: "")
            #expect(refused.errors.hasPrefix("Error: "))
            #expect(try files(folder).count == 1)
        }

        @Test func aKilledOneLeavesNoBackup() throws {
            let shop = try seeded(products: 20_000)
            let folder = try Folder()
            let child = try Child(
                Programs.souk, ["backup", folder.path], environment: shop.environment)
            let partial = folder.file(".souk-backup.partial")
            let isAtWork = eventually(within: 30) {
                (try? FileManager.default.attributesOfItem(atPath: partial)[.size] as? Int) ?? 0 > 0
            }
            #expect(isAtWork && child.exitCode == nil)
            child.signal(SIGKILL)
            #expect(try child.wait(seconds: 30) == 137)
            #expect(try files(folder) == [".souk-backup.partial"])
            try shop.souk("backup", folder.path).expect(0)
            let names = try files(folder)
            #expect(names.count == 1 && names[0].hasPrefix("souk-"))
        }
    }
}
