import CSQLite
import Storage

/// An open database: closed when the last statement on it is gone.
final class Handle {
    let database: OpaquePointer
    let busyWait: BusyWait

    /// Counting every allocation under one lock would be most of what two readers wait for.
    ///
    /// The answer is not looked at: it says no once SQLite is in use, and then it is only slower.
    private static let configured: Void = { _ = souk_sqlite_configure() }()

    /// Never with SQLITE_OPEN_READONLY: such a connection ignores CHECK constraints, so
    /// `PRAGMA integrity_check` would not find a row that breaks one (`sqlite3AddCheckConstraint` in
    /// SQLite's build.c).
    init(_ path: String, create: Bool = false, busyWaitMs: Int64) throws {
        Handle.configured
        // NOMUTEX: one thread at a time is what Connection promises already.
        let flags =
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
            | (create ? SQLITE_OPEN_CREATE : 0)
        var database: OpaquePointer?
        let code = sqlite3_open_v2(path, &database, flags, WALWriteBuffer.vfsName)
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
