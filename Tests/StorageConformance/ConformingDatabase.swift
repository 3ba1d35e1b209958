import Foundation
import PostgresFixture
import Storage
import StoragePostgres
import StorageSQLite
import Testing
import Threads

/// An engine that keeps the promises of `Store` and `Engine`.
enum ConformingEngine: CaseIterable {
    case sqlite
    case postgresql
}

/// An empty database of an engine, which exists as long as this object.
final class ConformingDatabase: Sendable {
    /// A store that was opened with the database.
    let store: any Engine
    private let folder: URL
    private let server: TestDatabase?

    init(on engine: ConformingEngine, busyWaitMs: Int64 = 5000, connectionsMax: Int = 16) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "souk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        server = engine == .sqlite ? nil : try TestServer.shared().newDatabase()
        store = try openStore(server, folder, busyWaitMs, connectionsMax)
    }

    deinit {
        store.close()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Opens another store, as another process does.
    func open(busyWaitMs: Int64 = 5000, connectionsMax: Int = 16) throws -> any Engine {
        try openStore(server, folder, busyWaitMs, connectionsMax)
    }

    /// A database with `pens (id, name, stock)`: names are unique and stock is never negative.
    static func ofPens(
        on engine: ConformingEngine, busyWaitMs: Int64 = 5000, connectionsMax: Int = 16
    ) throws -> ConformingDatabase {
        let database = try ConformingDatabase(
            on: engine, busyWaitMs: busyWaitMs, connectionsMax: connectionsMax)
        try database.store.write { tx in
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
        return database
    }
}

private func openStore(
    _ server: TestDatabase?, _ folder: URL, _ busyWaitMs: Int64, _ connectionsMax: Int
) throws -> any Engine {
    guard let server else {
        return try SQLiteStore(
            path: folder.appending(path: "souk.db").path, create: true, busyWaitMs: busyWaitMs,
            readersMax: connectionsMax)
    }
    return try PostgresStore(
        url: server.url, busyWaitMs: busyWaitMs, connectionsMax: connectionsMax)
}

extension Store {
    /// The integer that `sql` selects as `n`.
    func number(_ sql: SQL) throws -> Int64? {
        try read { try $0.first(sql)?["n"] }
    }

    var pens: Int64? {
        get throws { try number("SELECT COUNT(*) AS n FROM pens") }
    }
}

/// Runs `body` on `count` concurrent threads and returns when all have ended; its errors are issues
/// of the test.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) {
    let isStarted =
        (try? Threads.onThreads(count, named: "test") { number in
            do { try body(number) } catch { Issue.record(error) }
        }) != nil
    precondition(isStarted, "cannot start a thread")
}

/// Expects an error of the engine itself, which names the statement.
func expectEngineError(
    _ comment: Comment, at location: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
    do {
        try body()
        Issue.record(comment, sourceLocation: location)
    } catch StoreError.engine {
    } catch {
        Issue.record(error, comment, sourceLocation: location)
    }
}
