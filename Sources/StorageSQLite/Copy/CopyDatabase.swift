import CSQLite
import Storage

extension SQLiteStore {
    /// 1 MiB of the usual pages: some milliseconds of reading and writing.
    private static let pagesPerStep: Int32 = 512

    /// Copies the database at `source` into a new file at `destination`, while others read and
    /// write it.
    ///
    /// The copy is of the moment at which this begins. A read transaction is held from there on:
    /// without one SQLite begins again whenever another process has written in between (594 times
    /// in 600 steps beside one writer; with it, never). Writers are not kept waiting, but what they
    /// write stays in the log until this ends, so the log grows.
    /// https://www.sqlite.org/c3ref/backup_finish.html
    ///
    /// The copy is in no WAL mode: one file, which can be opened alone and read-only. It is not
    /// synced.
    /// - Parameters:
    /// - source: the database.
    /// - destination: a path where there is nothing, or an empty file.
    /// - afterStep: gets the pages that are done and all there are; whoever wants to go slowly waits
    ///     in it.
    /// - Throws: `StoreError`, or what `afterStep` throws; the destination is of no use then.
    public static func copy(
        _ source: String, to destination: String,
        afterStep: (_ done: Int, _ all: Int) throws -> Void = { _, _ in }
    ) throws {
        let from = try Handle(source, busyWaitMs: 5000)
        let to = try Handle(destination, create: true, busyWaitMs: 0)
        try Statement("PRAGMA mmap_size = 1073741824", on: from).run()
        // Nobody sees the copy before it is whole, so it needs no journal of its own.
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

    /// Folds the log of the database at `path` into it, so that it is one file.
    ///
    /// It becomes a shop's again when a store opens it.
    /// - Throws: `StoreError.busy` where anybody else has it open.
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
