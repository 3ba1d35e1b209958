import PostgresFixture
import Storage
import StoragePostgres
import Threads

/// A database of the shared server, for one test.
struct PostgresPens {
    let database: TestDatabase
    let store: PostgresStore

    /// Creates a database with `pens (id, name, stock)`: names are unique and stock is never
    /// negative.
    init(
        on server: TestServer? = nil, for workload: Workload = .requests, busyWaitMs: Int64 = 5000,
        connectionsMax: Int = 16,
        limitedReadsMax: Int = 8, statementsMax: Int = 200
    ) throws {
        database = try (server ?? TestServer.shared()).newDatabase()
        store = try PostgresStore(
            url: database.url, workload: workload, busyWaitMs: busyWaitMs,
            connectionsMax: connectionsMax,
            limitedReadsMax: limitedReadsMax, statementsMax: statementsMax)
        try store.write { tx in
            try tx.run(
                """
                CREATE TABLE pens (
                    id \(.identity),
                    name TEXT UNIQUE,
                    stock \(.int64) NOT NULL DEFAULT 0,
                    CONSTRAINT stock_not_negative CHECK (stock >= 0)
                )
                """)
        }
    }
}

extension Store {
    /// The integer that `sql` selects as `n`.
    func number(_ sql: SQL) throws -> Int64? {
        try read { try $0.first(sql)?["n"] }
    }

    var pens: Int64? {
        get throws { try number("SELECT count(*) AS n FROM pens") }
    }
}

/// Runs `body` on `count` concurrent threads and returns when all have ended.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    guard (try? Threads.onThreads(count, named: "test", body)) != nil else {
        preconditionFailure("cannot start a thread")
    }
}
