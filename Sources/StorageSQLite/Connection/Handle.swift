import CSQLite
import Storage

/// An open database, closed when its last statement is released.
final class Handle {
    let database: OpaquePointer
    let busyWait: BusyWait

    /// Turns off SQLite's memory statistics, for which every allocation takes a global lock.
    ///
    /// The result is ignored: the call fails if SQLite is already in use, and that only costs
    /// speed.
    private static let configured: Void = { _ = souk_sqlite_configure() }()

    /// Opens a database for reading and writing.
    ///
    /// It never uses SQLITE_OPEN_READONLY. Such a connection ignores CHECK constraints, so `PRAGMA
    /// integrity_check` would not find rows that violate one (`sqlite3AddCheckConstraint` in
    /// SQLite's build.c).
    init(_ path: String, create: Bool = false, busyWaitMs: Int64) throws {
        Handle.configured
        // NOMUTEX: a `Connection` is used by one thread at a time.
        let flags =
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
            | (create ? SQLITE_OPEN_CREATE : 0)
        var database: OpaquePointer?
        let code = sqlite3_open_v2(path, &database, flags, nil)
        guard let database, code == SQLITE_OK else {
            defer { sqlite3_close_v2(database) }
            throw StoreError(code, on: database, sql: path)
        }
        self.database = database
        busyWait = BusyWait(limitMs: busyWaitMs)
        busyWait.install(on: database)
    }

    deinit {
        sqlite3_close_v2(database)
    }
}
