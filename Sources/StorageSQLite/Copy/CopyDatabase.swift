import CSQLite
import Storage

extension SQLiteStore {
    /// The pages copied in one step: 1 MiB at 2 KiB a page, which takes a few milliseconds.
    private static let pagesPerStep: Int32 = 512

    /// Copies the database at `source` into a new file while other connections read and write it.
    ///
    /// The copy shows the database as it was when the copy began, because a read transaction stays
    /// open until the end. Without one, SQLite restarts the copy after each write of another
    /// process (594 times in 600 steps with one writer). Writers do not wait, but the WAL grows
    /// until the copy ends. https://www.sqlite.org/c3ref/backup_finish.html
    ///
    /// The copy is not in WAL mode, so it is a single file that can be opened read-only. It is not
    /// synced.
    ///
    /// - Parameters:
    ///   - source: the path of the database.
    ///   - destination: the path of a new or an empty file.
    ///   - afterStep: called after each step with the number of copied pages and of all pages. It
    ///     may sleep to slow the copy down.
    /// - Throws: `StoreError`, or the error that `afterStep` throws. The destination is then
    ///   incomplete.
    public static func copy(
        _ source: String, to destination: String,
        afterStep: (_ done: Int, _ all: Int) throws -> Void = { _, _ in }
    ) throws {
        let from = try Handle(source, busyWaitMs: 5000)
        let to = try Handle(destination, create: true, busyWaitMs: 0)
        try Statement("PRAGMA mmap_size = 1073741824", on: from).run()
        // Nobody opens the copy before it is complete, so it needs no journal.
        try Statement("PRAGMA journal_mode = OFF", on: to).run()
        try Statement("PRAGMA synchronous = OFF", on: to).run()
        try Statement("BEGIN", on: from).run()
        try Statement("SELECT COUNT(*) FROM sqlite_schema", on: from).run()
        try copy(from, to, afterStep)
        try Statement("COMMIT", on: from).run()
        try leaveWAL(to)
    }

    private static func copy(
        _ from: Handle, _ to: Handle, _ afterStep: (_ done: Int, _ all: Int) throws -> Void
    ) throws {
        guard let backup = sqlite3_backup_init(to.database, "main", from.database, "main") else {
            throw StoreError(sqlite3_extended_errcode(to.database), on: to.database, sql: "backup")
        }
        defer { sqlite3_backup_finish(backup) }
        while true {
            let code = sqlite3_backup_step(backup, pagesPerStep)
            guard code == SQLITE_OK || code == SQLITE_DONE else {
                throw StoreError(code, on: to.database, sql: "backup")
            }
            let all = Int(sqlite3_backup_pagecount(backup))
            try afterStep(all - Int(sqlite3_backup_remaining(backup)), all)
            if code == SQLITE_DONE { return }
        }
    }

    /// Moves the WAL of the database at `path` into the database, so that it is one file.
    ///
    /// A store that opens the file puts it into WAL mode again.
    ///
    /// - Throws: `StoreError.busy` if another connection has it open.
    public static func foldWAL(of path: String) throws {
        try leaveWAL(try Handle(path, busyWaitMs: 500))
    }

    private static func leaveWAL(_ handle: Handle) throws {
        let statement = try Statement("PRAGMA journal_mode = DELETE", on: handle)
        guard try statement.step(), try statement.value(at: 0) == .text("delete") else {
            throw StoreError.busy
        }
    }
}
