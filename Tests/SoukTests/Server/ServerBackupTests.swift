import Foundation
import PostgresFixture
import ShopFixture
import Testing

extension SoukTests {
    /// `souk backup` and `souk restore` with a database on a PostgreSQL server.
    @Suite struct ServerBackupTests {
        private struct Report: Decodable {
            let file: String
            let bytes: Int
            let checked: Bool
            let removed: [String]
        }

        private func seeded() throws -> ServerOperator {
            let server = try ServerOperator.migrated()
            try server.shop.souk("seed", "--products", "3", "--customers", "2", "--orders", "5")
                .expect(0)
            return server
        }

        private func backup(_ server: ServerOperator, _ folder: Folder, keep: Int = 9) throws
            -> Report
        {
            let outcome = try server.shop.souk("backup", folder.path, "--keep", "\(keep)", "--json")
                .expect(0, errors: "")
            return try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
        }

        private func files(_ folder: Folder) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        }

        @Test func isRestoredIntoAnEmptyDatabase() throws {
            let server = try seeded()
            let folder = try Folder()
            let report = try backup(server, folder)
            #expect(report.checked && report.bytes > 10_000 && report.removed.isEmpty)
            let names = try files(folder)
            #expect(names.map(folder.file) == [report.file])
            #expect(names[0].wholeMatch(of: /souk-[0-9]{8}T[0-9]{6}Z\.dump/) != nil)
            let mode = try FileManager.default.attributesOfItem(atPath: report.file)[
                .posixPermissions]
            #expect(mode as? Int == 0o600)
            try server.expectNoScratchDatabase()

            let empty = try ServerOperator()
            try empty.shop.souk("restore", report.file).expect(
                0, output: "restored \(report.file)\n", errors: "")
            try empty.shop.souk("check").expect(0)
            let export = try server.shop.souk("export").expect(0)
            try empty.shop.souk("export").expect(0, output: export.output)
            // Ids continue after those of the backup.
            try empty.shop.souk("seed", "--demo").expect(0)
            try empty.shop.souk("check").expect(0)

            let refused = try empty.shop.souk("restore", report.file).expect(1, output: "")
            #expect(refused.errors.contains("is not empty. Create another database"))
        }

        @Test func keepsTheNewestOfItsKind() throws {
            let server = try seeded()
            let folder = try Folder()
            let old = (1...3).map { "souk-2024010\($0)T000000Z.dump" }
            let others = ["souk-20240101T000000Z.db", "souk-20240101T000000Z-unchecked.dump"]
            for name in old + others {
                try Data("before".utf8).write(to: URL(fileURLWithPath: folder.file(name)))
            }
            let report = try backup(server, folder, keep: 2)
            #expect(report.removed == old.prefix(2).map(folder.file))
            #expect(try files(folder).count == 4)
        }

        /// A role without CREATEDB cannot restore the copy to check it.
        @Test func isUncheckedIfTheRoleMayNotCreateADatabase() throws {
            let server = try ServerOperator()
            let role = "plain_\(server.database.name)"
            try server.sql("CREATE ROLE \(role) LOGIN")
            defer { _ = try? server.sql("DROP OWNED BY \(role) CASCADE; DROP ROLE \(role)") }
            try server.sql("GRANT ALL ON SCHEMA public TO \(role)")
            var plain = server
            plain.shop.environment["SOUK_DATABASE"] = server.database.server.url(
                server.database.name, role: role)
            try plain.shop.souk("migrate").expect(0)
            let folder = try Folder()
            let outcome = try plain.shop.souk("backup", folder.path).expect(0, errors: "")
            let names = try files(folder)
            #expect(names.count == 1 && names[0].hasSuffix("Z-unchecked.dump"), "\(names)")
            #expect(outcome.output.contains("the copy is unchecked"), "\(outcome.output)")
            #expect(try backup(plain, folder).checked == false)
        }

        @Test func aBrokenShopIsNotKept() throws {
            let server = try seeded()
            try server.sql("UPDATE products SET stock = stock + 1 WHERE id = 1")
            let folder = try Folder()
            let outcome = try server.shop.souk("backup", folder.path).expect(2, output: "")
            #expect(outcome.errors.contains("The copy was removed, because it violates"))
            #expect(try files(folder) == [])
            try server.expectNoScratchDatabase()
        }

        /// The values that the courier exports as metrics.
        @Test func recordsSuccessAndFailure() throws {
            let server = try seeded()
            let folder = try Folder()
            let start = Date.now.timeIntervalSince1970 * 1000
            func times() throws -> [String: Double] {
                let rows = try server.sql("SELECT result, at FROM backup_times")
                return Dictionary(
                    rows.split(separator: "\n").map { $0.split(separator: "|") }
                        .map { (String($0[0]), Double($0[1]) ?? -1) }, uniquingKeysWith: max)
            }
            _ = try backup(server, folder)
            let first = try times()
            #expect(first["failed"] == nil && first["succeeded"] ?? 0 >= start.rounded(.down))
            try server.sql("UPDATE products SET stock = stock + 1 WHERE id = 1")
            try server.shop.souk("backup", folder.path).expect(2)
            let second = try times()
            #expect(second["succeeded"] == first["succeeded"])
            #expect(second["failed"] ?? 0 >= first["succeeded"] ?? 0)
        }

        /// A database of an earlier version has no table for it.
        @Test func aResultThatCannotBeRecordedIsReported() throws {
            let server = try seeded()
            try server.sql("DROP TABLE backup_times")
            try server.sql("DELETE FROM schema_migrations WHERE name LIKE 'service/2 %'")
            let folder = try Folder()
            let outcome = try server.shop.souk("backup", folder.path).expect(0)
            #expect(
                outcome.errors.hasPrefix(
                    "Warning: the result could not be recorded in the database:"))
        }

        @Test func otherFilesAreRefused() throws {
            let server = try seeded()
            let folder = try Folder()
            let report = try backup(server, folder)
            let empty = try ServerOperator()
            func refusal(_ file: String, _ code: Int32) throws -> String {
                try empty.shop.souk("restore", file).expect(code, output: "").errors
            }
            #expect(try refusal("/nowhere", 1).contains("/nowhere cannot be read"))
            let file = try Operator.migrated().folder
            #expect(try refusal(file.file("souk.db"), 2).contains("is a SQLite database."))
            try Data("what is this".utf8).write(to: URL(fileURLWithPath: folder.file("text")))
            #expect(try refusal(folder.file("text"), 2).contains("is not an archive of pg_dump."))
            let bytes = try Data(contentsOf: URL(fileURLWithPath: report.file))
            try bytes.prefix(bytes.count / 2).write(
                to: URL(fileURLWithPath: folder.file("half")))
            #expect(try refusal(folder.file("half"), 2).contains("is damaged: pg_restore"))
            #expect(try empty.hasNoTables())
        }

        /// The archive of a shop that violates an invariant leaves the database empty.
        @Test func aBrokenArchiveIsNotRestored() throws {
            let server = try seeded()
            try server.sql("UPDATE products SET stock = stock + 1 WHERE id = 1")
            let folder = try Folder()
            let archive = folder.file("broken.dump")
            try run(
                "/usr/bin/env",
                ["pg_dump", "--format=custom", "--file=\(archive)", server.database.url]
            ).expect(0)
            let empty = try ServerOperator()
            let outcome = try empty.shop.souk("restore", archive).expect(2, output: "")
            #expect(outcome.errors.contains("Nothing was restored, because"))
            #expect(try empty.hasNoTables())
        }
    }
}
