import Foundation
import PostgresFixture
import ShopFixture
import Testing

/// An operator whose database is on a PostgreSQL server of the tests.
struct ServerOperator {
    /// The operator's folder with the signing key.
    var shop: Operator
    /// The database, dropped with this object.
    let database: TestDatabase

    init() throws {
        shop = try Operator()
        database = try TestServer.shared().newDatabase()
        shop.environment["SOUK_DATABASE"] = database.url
    }

    /// An operator whose shop has tables.
    static func migrated() throws -> ServerOperator {
        let server = try ServerOperator()
        try server.shop.souk("migrate").expect(0)
        return server
    }

    /// Runs SQL on the database.
    @discardableResult
    func sql(_ text: String) throws -> String {
        try database.server.execute(text, in: database.name)
    }

    /// The names of all databases of the server that begin with `souk_check`.
    func scratchDatabases() throws -> Set<String> {
        let names = try sql("SELECT datname FROM pg_database WHERE datname LIKE 'souk\\_check%'")
        return Set(names.split(separator: "\n").map(String.init))
    }

    /// Waits until every scratch database of this moment is dropped.
    ///
    /// Other tests on the same server have some, too, as long as their commands run.
    func expectNoScratchDatabase() throws {
        let present = try scratchDatabases()
        let areGone = try eventually(within: 60) {
            try present.isDisjoint(with: scratchDatabases())
        }
        #expect(areGone, "\(present)")
    }

    /// Whether the database is empty.
    func hasNoTables() throws -> Bool {
        try sql("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'") == "0"
    }
}
