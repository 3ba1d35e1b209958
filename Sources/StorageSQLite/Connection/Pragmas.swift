import CSQLite
import Glibc
import Storage
import Threads

extension Connection {
    /// Puts in force what every connection to a shop relies on.
    ///
    /// https://www.sqlite.org/pragma.html
    func configure(readOnly: Bool, for workload: Workload) throws {
        // Of a new database; one that is there keeps its own. A sale changes a few bytes on each of a
        // dozen pages, whole pages go to the log, and the disk takes longer for them than for all
        // else: with the 4096 bytes that are usual a tenth fewer are sold, and nothing is read
        // faster. With 1024 no more are. https://www.sqlite.org/pragma.html#pragma_page_size
        try run("PRAGMA page_size = 2048")
        // Readers go on while one writes. The mode stays in the file, so this is work only once.
        if !readOnly { try enterWAL() }
        // In WAL mode NORMAL would lose the last commits in a power cut; an answered sale stays.
        try run("PRAGMA synchronous = FULL")
        // Off by default, for programs written before 2009.
        try run("PRAGMA foreign_keys = ON")
        // Mapped, a file is read without copies, but each commit of another connection has a reader
        // drop its map and make it anew: under purchases that took a quarter of the processor. So
        // only who reads whole tables maps; the others keep the pages they use.
        let isSmall = workload == .requests
        try run("PRAGMA mmap_size = \(isSmall ? 0 : 1 << 30)")
        try run("PRAGMA cache_size = -\(isSmall ? 2048 : 131_072)")
        // A sort that spills must not need a folder for it inside the sandbox, except for who sorts
        // whole tables, which would take gigabytes of memory. And a savepoint keeps each page that
        // it changes: a sale's are just more than the 64 KiB that FILE leaves in memory.
        try run("PRAGMA temp_store = \(isSmall ? "MEMORY" : "FILE")")
        // A log that one long read made grow is cut back to 64 MiB at the next checkpoint.
        try run("PRAGMA journal_size_limit = 67108864")
        // A schema that somebody edited by hand runs no function with side effects.
        try run("PRAGMA trusted_schema = OFF")
        // "x" is a column, as in PostgreSQL, and no text where there is no such column.
        souk_db_config(handle.database, SQLITE_DBCONFIG_DQS_DML, 0)
        souk_db_config(handle.database, SQLITE_DBCONFIG_DQS_DDL, 0)
        // SQL cannot damage the file: no writable_schema, no journal_mode = OFF.
        souk_db_config(handle.database, SQLITE_DBCONFIG_DEFENSIVE, 1)
        if role == .reader || readOnly { try run("PRAGMA query_only = ON") }
        if case .integer(let bytes) = try value(of: "PRAGMA page_size") {
            checkpoint.pageBytes = Int(bytes)
        }
    }

    /// Puts the file into WAL mode, which SQLite does not wait for where others do the same.
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

    /// Runs one statement of ours, outside the cache and outside the rules for a body's SQL.
    private func run(_ text: String) throws {
        _ = try value(of: text)
    }

    private func value(of text: String) throws -> Value? {
        let statement = try Statement(text, on: handle)
        guard try statement.step(), !statement.columns.names.isEmpty else { return nil }
        return try statement.value(at: 0)
    }
}
