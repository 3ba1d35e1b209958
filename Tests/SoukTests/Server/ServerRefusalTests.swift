import Foundation
import PostgresFixture
import ShopFixture
import Testing

extension SoukTests {
    /// Databases on a server that cannot be used, each with a sentence.
    @Suite struct ServerRefusalTests {
        private static let rule =
            "SOUK_DATABASE: must be a path or a postgresql:// URL without password."

        /// Each command that needs the database, and a responder, end with 1 and `sentence`.
        private func expectRefusal(
            _ url: String, _ sentence: String, at location: SourceLocation = #_sourceLocation
        ) throws {
            var shop = try Operator()
            shop.environment["SOUK_DATABASE"] = url
            for command in [
                ["migrate"], ["migrate", "--dry-run"], ["check"], ["user", "list"], ["export"],
                ["backup", shop.folder.path],
            ] {
                let outcome = try run(Programs.souk, command, environment: shop.environment)
                outcome.expect(1, output: "", at: location)
                let isSaid =
                    outcome.errors.hasPrefix("Error: ") && outcome.errors.contains(sentence)
                #expect(isSaid, "\(command): \(outcome.errors)", sourceLocation: location)
                #expect(!outcome.errors.contains("secret"), sourceLocation: location)
            }
            let daemon = try shop.daemon("salesd")
            daemon.expect(1, output: "", at: location)
            #expect(daemon.errors.contains(sentence), "\(daemon)", sourceLocation: location)
        }

        @Test(arguments: [
            "postgresql://souk:secret@localhost/souk",
            "postgresql://localhost/souk?user=souk&password=secret", "mysql://localhost/souk",
        ])
        func anInvalidURL(url: String) throws {
            try expectRefusal(url, Self.rule)
        }

        @Test func noScheme() throws {
            try expectRefusal(
                "postgresql:",
                "SOUK_DATABASE=postgresql:: must be a path or a postgresql:// URL without password."
            )
        }

        @Test func aParameterThatDoesNotExist() throws {
            try expectRefusal(
                "postgresql://localhost/souk?colour=red", "The database URL is not valid.")
        }

        @Test func noServer() throws {
            let folder = try Folder()
            let host = folder.path.replacing("/", with: "%2F")
            try expectRefusal(
                "postgresql://souk@\(host)/souk", "cannot be opened: connection to server on socket"
            )
        }

        @Test func noDatabase() throws {
            try expectRefusal(
                try TestServer.shared().url("nowhere"),
                "because it does not exist. Create it: CREATE DATABASE \"nowhere\"")
        }

        @Test func aWrongPassword() throws {
            let server = try TestServer.shared()
            let folder = try Folder()
            try server.writePassword("secret", to: folder.file("pgpass"))
            try expectRefusal(
                server.url(
                    "postgres", role: TestServer.lockedRole,
                    parameters: ["passfile": folder.file("pgpass")]),
                "the server rejects the password of locked.")
        }

        @Test func anotherOrderOfText() throws {
            let server = try TestServer.shared()
            try server.execute(
                """
                CREATE DATABASE sorted TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu \
                ICU_LOCALE 'en' LC_COLLATE 'C' LC_CTYPE 'C'
                """)
            defer { _ = try? server.execute("DROP DATABASE sorted WITH (FORCE)") }
            try expectRefusal(server.url("sorted"), "sorts text by the locale en")
        }

        @Test func anotherProgramsDatabase() throws {
            let server = try ServerOperator()
            try server.sql("CREATE TABLE guests (name text)")
            try expectRefusal(server.database.url, "is a database, but not a shop's.")
        }

        /// A standby can be read, but not changed.
        @Test func aServerThatAcceptsNoWrites() throws {
            let server = try TestServer()
            try server.execute("CREATE DATABASE shop")
            var shop = try Operator()
            shop.environment["SOUK_DATABASE"] = server.url("shop")
            try shop.souk("migrate").expect(0)
            try shop.souk("seed", "--demo").expect(0)
            try server.becomeStandby()
            try shop.souk("export").expect(0)
            for command in [["migrate"], ["user", "role", "ada", "staff"]] {
                let outcome = try run(Programs.souk, command, environment: shop.environment)
                outcome.expect(1)
                #expect(outcome.errors.contains("accepts no writes"), "\(outcome.errors)")
            }
        }
    }
}
