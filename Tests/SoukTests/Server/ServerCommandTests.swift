import Foundation
import PostgresFixture
import ShopFixture
import Testing

extension SoukTests {
    /// The subcommands on a PostgreSQL server: they print the same as on a file.
    @Suite struct ServerCommandTests {
        /// Each command and its input, in an order in which all succeed.
        static let commands: [(arguments: [String], input: String)] = [
            (["migrate", "--dry-run"], ""),
            (["migrate"], ""),
            (["migrate", "--dry-run"], ""),
            (["user", "add", "zoe", "--role", "admin"], "a good password\n"),
            (["user", "add", "Bob", "--full-name", "Bob the Builder"], "a good password\n"),
            (["user", "role", "bob", "staff"], ""),
            (["user", "suspend", "bob"], ""),
            (["user", "activate", "bob"], ""),
            (["user", "password", "bob"], "another password\n"),
            (["user", "list", "--all"], ""),
            (["import", "FOLDER/goods.csv", "--as", "bob", "--dry-run"], ""),
            (["import", "FOLDER/goods.csv", "--as", "bob"], ""),
            (["import", "FOLDER/goods.csv", "--as", "bob"], ""),
            (["seed", "--demo"], ""),
            (["seed", "--products", "20", "--customers", "5", "--orders", "30"], ""),
            (["export"], ""),
            (["keys", "rotate"], ""),
            (["responders"], ""),
            (["version"], ""),
        ]

        /// Runs all commands and returns what they print.
        private func outputs(_ shop: Operator) throws -> [String] {
            try shop.write(
                "sku,name,category,price\nPEN,Reed pen,paper,650\nINK,Tinta ñ,paper,90\n",
                to: "goods.csv")
            return try Self.commands.map { arguments, input in
                let words = arguments.map { $0.replacing("FOLDER", with: shop.folder.path) }
                let outcome = try run(
                    Programs.souk, words, environment: shop.environment, input: input)
                outcome.expect(0, errors: "")
                return outcome.output.replacing(shop.folder.path, with: "FOLDER")
            }
        }

        @Test func printTheSameAsOnAFile() throws {
            let server = try ServerOperator()
            let onServer = try outputs(server.shop)
            let onFile = try outputs(Operator())
            for (index, command) in Self.commands.enumerated() {
                #expect(onServer[index] == onFile[index], "\(command.arguments)")
            }
            #expect(onServer[0].hasPrefix("the database is new\npending: "))
            #expect(onServer[2] == "nothing to migrate\n")
            let again = try server.shop.souk("migrate").expect(0, errors: "")
            #expect(again.output.hasPrefix("nothing to migrate: \(server.database.url) is at "))
            let check = try server.shop.souk("check").expect(0, errors: "")
            #expect(!check.output.contains("BROKEN") && check.output.contains("ok    "))
            let settings = try server.shop.souk("settings").expect(0)
            #expect(settings.output.contains("SOUK_DATABASE=\(server.database.url)\n"))
        }

        @Test func checkFindsABrokenInvariant() throws {
            let server = try ServerOperator.migrated()
            try server.shop.souk("seed", "--demo").expect(0)
            try server.sql("UPDATE products SET stock = stock + 1 WHERE id = 1")
            let check = try server.shop.souk("check").expect(2)
            #expect(check.output.contains("BROKEN"), "\(check.output)")
        }
    }
}
