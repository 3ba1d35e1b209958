import CSQLite
import Glibc
import Storage
import StorageSQLite
import Testing

/// The statistics of a store.
@Suite struct StatisticsTests {
    private func fill(_ store: SQLiteStore, _ rows: Int) throws {
        let name = String(repeating: "long", count: 10_000)
        for _ in 0..<rows {
            let number = Int64.random(in: 0 ... .max)
            try store.write { try $0.run("INSERT INTO pens (name) VALUES (\(name) || \(number))") }
        }
    }

    /// Another program with an open read transaction.
    private func reading(_ folder: borrowing Folder) throws -> OpaquePointer {
        var reader: OpaquePointer?
        #expect(sqlite3_open(folder.database, &reader) == SQLITE_OK)
        #expect(sqlite3_exec(reader, "BEGIN; SELECT * FROM pens", nil, nil, nil) == SQLITE_OK)
        return try #require(reader)
    }

    /// Another process that keeps a read transaction open blocks the checkpoint.
    @Test func anEndlessReadIsVisible() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let reader = try reading(folder)
        defer { sqlite3_close_v2(reader) }
        // More than the size at which a checkpoint is due.
        try fill(store, 300)
        #expect(
            eventually(store) {
                $0.checkpointsPartial > 0 && $0.framesLeft > 1000 && $0.logBytes > 8_000_000
            })
        #expect(sqlite3_exec(reader, "COMMIT", nil, nil, nil) == SQLITE_OK)
        // More than another quarter of the present size.
        try fill(store, 300)
        #expect(
            eventually(store) {
                $0.framesLeft < 1000 && $0.checkpointsComplete > 0 && $0.checkpointsFailed == 0
            })
    }

    /// Another process is checkpointing.
    ///
    /// It holds a lock on byte 121 (https://www.sqlite.org/walformat.html#locks).
    @Test func aCheckpointByAnotherProcessIsNoFailure() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let file = open("\(folder.database)-shm", O_RDWR)
        defer { close(file) }
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_start = 121
        lock.l_len = 1
        // F_OFD_SETLK: the lock belongs to the open file and not to this process, which has locks
        // of its own.
        let setLock: Int32 = 37
        try #require(fcntl(file, setLock, &lock) == 0)
        // 60 MB: a checkpoint is due, and then the WAL restarts.
        try fill(store, 1500)
        let during = store.statistics
        #expect(during.checkpointsFailed == 0)
        #expect(during.checkpointsComplete + during.checkpointsPartial == 0)
        let logBytes = during.logBytes
        lock.l_type = Int16(F_UNLCK)
        try #require(fcntl(file, setLock, &lock) == 0)
        #expect(
            eventually(store) {
                _ = try? fill(store, 1)
                return $0.checkpointsComplete > 1
            })
        // The WAL has restarted.
        #expect(store.statistics.logBytes < logBytes * 3 / 2)
        store.close()
    }

    /// Whether `store` reaches this state within ten seconds.
    ///
    /// Checkpoints run concurrently with writes.
    private func eventually(_ store: SQLiteStore, _ isSo: (StoreStatistics) -> Bool) -> Bool {
        for _ in 0..<1000 where !isSo(store.statistics) { usleep(10_000) }
        return isSo(store.statistics)
    }

    /// A failing checkpoint after each commit would delay every writer.
    ///
    /// An existing file keeps its page size.
    @Test(arguments: [2048, 4096]) func aFailingCheckpointIsRetriedRarely(pageBytes: Int64) throws {
        let folder = try Folder()
        var maker: OpaquePointer?
        #expect(sqlite3_open(folder.database, &maker) == SQLITE_OK)
        let make = "PRAGMA page_size = \(pageBytes); CREATE TABLE first (id BIGINT)"
        #expect(sqlite3_exec(maker, make, nil, nil, nil) == SQLITE_OK)
        sqlite3_close_v2(maker)
        let store = try folder.storeOfPens()
        #expect(try store.number("SELECT page_size AS n FROM pragma_page_size") == pageBytes)
        let reader = try reading(folder)
        defer { sqlite3_close_v2(reader) }
        // 20 MB.
        try fill(store, 500)
        #expect(eventually(store) { $0.framesLeft * Int(pageBytes) >= 16 << 20 })
        let partial = store.statistics.checkpointsPartial
        #expect((1...8).contains(partial), "\(partial)")
    }

    @Test func countsStatementsAndReaders() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let before = store.statistics
        #expect(before.readersBusy == 0 && before.readersMax == 16)
        for _ in 0..<5 { #expect(try store.pens == 0) }
        try store.read { _ in #expect(store.statistics.readersBusy == 1) }
        let after = store.statistics
        #expect(after.readersBusy == 0)
        #expect(after.statementsPrepared - before.statementsPrepared == 1)
        #expect(after.statementsReused - before.statementsReused == 4)
    }

    @Test func countsBatches() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let before = store.statistics
        try store.write { try $0.run("INSERT INTO pens (name) VALUES ('a')") }
        _ = try? store.write { try $0.run("INSERT INTO pens (name) VALUES ('a')") }
        let after = store.statistics
        #expect(after.commits - before.commits == 1)
        #expect(after.writes - before.writes == 2 && after.batches - before.batches == 2)
    }
}
