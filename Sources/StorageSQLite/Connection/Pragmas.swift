import CSQLite
import Glibc
import Storage
import Threads

extension Connection {
    /// Applies the settings that every connection to a shop needs.
    ///
    /// https://www.sqlite.org/pragma.html
    func configure(readOnly: Bool, for workload: Workload) throws {
        // For new databases only; an existing one keeps its page size. See docs/decisions/0005.
        try run("PRAGMA page_size = 2048")
        // In WAL mode, readers continue while another connection writes. The file stores the mode,
        // so only the first call changes anything.
        if !readOnly { try enterWAL() }
        // In WAL mode, NORMAL could lose the last commits in a power cut.
        try run("PRAGMA synchronous = FULL")
        // SQLite's default is off, for programs written before 2009.
        try run("PRAGMA foreign_keys = ON")
        // A memory map avoids copies. But a reader must renew its map after each commit of another
        // connection, which took a quarter of the processor time under orders. So only commands
        // that read whole tables map the file.
        let isSmall = workload != .wholeTables
        try run("PRAGMA mmap_size = \(isSmall ? 0 : 1 << 30)")
        try run("PRAGMA cache_size = -\(isSmall ? 2048 : 131_072)")
        // A sort that spills must not need a folder in the sandbox, so requests sort in memory.
        // Sorts of whole tables would take gigabytes of memory, so they use files. A savepoint also
        // keeps a copy of each page that it changes. Those of an order exceed the 64 KiB that FILE
        // keeps in memory.
        try run("PRAGMA temp_store = \(isSmall ? "MEMORY" : "FILE")")
        // After a long read has made the WAL grow, a checkpoint truncates it to 64 MiB.
        try run("PRAGMA journal_size_limit = 67108864")
        // Functions with side effects do not run from a schema that somebody has edited by hand.
        try run("PRAGMA trusted_schema = OFF")
        // "x" is always a column, as in PostgreSQL, and never a string.
        souk_db_config(handle.database, SQLITE_DBCONFIG_DQS_DML, 0)
        souk_db_config(handle.database, SQLITE_DBCONFIG_DQS_DDL, 0)
        // SQL cannot damage the file: writable_schema and journal_mode = OFF have no effect.
        souk_db_config(handle.database, SQLITE_DBCONFIG_DEFENSIVE, 1)
        if role == .reader || readOnly { try run("PRAGMA query_only = ON") }
        if case .integer(let bytes) = try value(of: "PRAGMA page_size") {
            checkpoint.pageBytes = Int(bytes)
        }
    }

    /// Puts the file into WAL mode.
    ///
    /// SQLite does not call the busy handler if another connection is changing the mode, so this
    /// retries.
    private func enterWAL() throws {
        let endMs = monotonicMs() + handle.busyWait.limitMs
        while true {
            do {
                guard try value(of: "PRAGMA journal_mode = WAL") == .text("wal") else {
                    throw StoreError.unavailable("The database cannot be put into WAL mode.")
                }
                return
            } catch StoreError.busy where monotonicMs() < endMs {
                usleep(1000)
            }
        }
    }

    /// Runs a statement of the store itself, without the cache and the rules for a body's SQL.
    private func run(_ text: String) throws {
        _ = try value(of: text)
    }

    private func value(of text: String) throws -> Value? {
        let statement = try Statement(text, on: handle)
        guard try statement.step(), !statement.columns.names.isEmpty else { return nil }
        return try statement.value(at: 0)
    }
}
