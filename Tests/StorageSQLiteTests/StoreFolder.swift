import Glibc
import Storage
import StorageSQLite

/// A temporary folder of one test.
final class Folder: Sendable {
    let path: String

    init() throws {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? P_tmpdir
        var template = Array("\(parent)/souk-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw StoreError.unavailable("mkdtemp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in ["souk.db", "copy.db"] {
            for suffix in ["", "-wal", "-shm"] { unlink("\(path)/\(name)\(suffix)") }
        }
        rmdir(path)
    }

    var database: String { "\(path)/souk.db" }

    func store(
        for workload: Workload = .requests, busyWaitMs: Int64 = 5000, statementsMax: Int = 200
    ) throws -> SQLiteStore {
        try SQLiteStore(
            path: database, create: true, workload: workload, busyWaitMs: busyWaitMs,
            statementsMax: statementsMax)
    }

    /// A store with `pens (id, name, stock)`: names are unique and stock is never negative.
    func storeOfPens(busyWaitMs: Int64 = 5000) throws -> SQLiteStore {
        let store = try store(busyWaitMs: busyWaitMs)
        try store.write { tx in
            try tx.run(
                """
                CREATE TABLE IF NOT EXISTS pens (
                    id \(.identity),
                    name TEXT UNIQUE,
                    stock BIGINT NOT NULL DEFAULT 0,
                    CONSTRAINT stock_not_negative CHECK (stock >= 0)
                )
                """)
        }
        return store
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
