import CSQLite
import Glibc
import Storage
import Testing

@testable import StorageSQLite

@Suite struct WALWriteBufferTests {
    /// More pages than fit into the buffer, more than fit into the cache, so that some are read from
    /// the log again before the commit, and pages that are written twice.
    @Test func aLongCommitIsWholeForEveryConnection() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let long = String(repeating: "x", count: 3000)
        try store.write { tx in
            for number in 0..<2000 as Range<Int64> {
                try tx.run("INSERT INTO pens (name) VALUES (\("\(number) \(long)"))")
            }
            let changed = try tx.run("UPDATE pens SET name = name || '!'")
            #expect(changed == 2000)
        }
        let count: Int64 = 2000
        #expect(try store.pens == count)
        let other = try SQLiteStore(path: folder.database)
        #expect(try other.pens == count)
        #expect(
            try other.read { try $0.first("PRAGMA integrity_check")?["integrity_check"] } == "ok")
    }

    /// Pages that did not fit into the cache went to the log before their transaction was given up.
    ///
    /// Their place belongs to whoever commits next, in whatever process.
    @Test func whatWasGivenUpNeverComesOverWhatSomebodyElseCommitted() throws {
        struct GivenUp: Error {}
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let other = try SQLiteStore(path: folder.database)
        let page = String(repeating: "x", count: 3500)
        var database: OpaquePointer?
        try #require(sqlite3_open_v2(folder.database, &database, SQLITE_OPEN_READWRITE, nil) == 0)
        defer { sqlite3_close_v2(database) }
        // The cache holds those of some 200 pens: with each count a few more have gone to the log.
        for count in stride(from: 205, to: 295, by: 2) as StrideTo<Int64> {
            // So that nothing is read from the log when it is given up.
            sqlite3_exec(database, "PRAGMA wal_checkpoint(TRUNCATE)", nil, nil, nil)
            #expect(throws: GivenUp.self) {
                try store.write { tx in
                    for number in 0..<count {
                        try tx.run("INSERT INTO pens (name) VALUES (\("\(number) \(page)"))")
                    }
                    throw GivenUp()
                }
            }
            try other.write { try $0.run("INSERT INTO pens (name) VALUES (\("kept \(count)"))") }
            let log = try folder.log()
            try store.write(.rollback) { _ = try $0.first("SELECT COUNT(*) AS n FROM pens") }
            #expect(try folder.log() == log, "after \(count)")
            try store.write { _ = try $0.run("UPDATE pens SET stock = stock + 1") }
        }
        store.close()
        #expect(try other.pens == 45)
        #expect(
            try other.read { try $0.first("PRAGMA integrity_check")?["integrity_check"] } == "ok")
    }

    /// What SQLite itself, with the system's own files, finds in the log.
    @Test func anotherProgramSeesEachCommitAtOnce() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        var database: OpaquePointer?
        try #require(
            sqlite3_open_v2(folder.database, &database, SQLITE_OPEN_READWRITE, "unix") == 0)
        defer { sqlite3_close_v2(database) }
        for number in 1...50 as ClosedRange<Int64> {
            try store.write { try $0.run("INSERT INTO pens (name) VALUES (\("pen \(number)"))") }
            var statement: OpaquePointer?
            sqlite3_prepare_v2(database, "SELECT COUNT(*) FROM pens", -1, &statement, nil)
            defer { sqlite3_finalize(statement) }
            #expect(sqlite3_step(statement) == SQLITE_ROW)
            #expect(sqlite3_column_int64(statement, 0) == number)
        }
    }

    /// As SQLite calls it while it has the lock to write.
    @Test func theSystemGetsPagesWhenTheyAreAskedForOrTheLockIsLetGo() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let page = [UInt8](repeating: 7, count: 4096)
        let begin = Int64(try folder.log().count)
        @Sendable func sizeOnDisk() throws -> Int64 { Int64(try folder.log().count) - begin }
        try store.write(.rollback) { tx in
            let connection = try #require(tx as? Connection)
            var log: UnsafeMutablePointer<sqlite3_file>?
            sqlite3_file_control(
                connection.handle.database, nil, SQLITE_FCNTL_JOURNAL_POINTER, &log)
            let file = try #require(log)
            let methods = file.pointee.pMethods.pointee
            func write(_ numbers: Range<Int64>) {
                for number in numbers {
                    #expect(methods.xWrite(file, page, 4096, begin + number * 4096) == SQLITE_OK)
                }
            }
            write(0..<3)
            #expect(try sizeOnDisk() == 0)
            // Asked for its size, or to be durable, or to be read, it has all of them.
            var size: sqlite3_int64 = 0
            #expect(methods.xFileSize(file, &size) == SQLITE_OK)
            #expect(size == begin + 3 * 4096)
            write(4..<5)
            #expect(methods.xSync(file, SQLITE_SYNC_NORMAL) == SQLITE_OK)
            #expect(try sizeOnDisk() == 5 * 4096)
            var bytes = [UInt8](repeating: 0, count: 4096)
            let other = [UInt8](repeating: 9, count: 4096)
            #expect(methods.xWrite(file, other, 4096, begin + 4096) == SQLITE_OK)
            #expect(methods.xRead(file, &bytes, 4096, begin + 4096) == SQLITE_OK)
            #expect(bytes == other)
            #expect(methods.xTruncate(file, begin + 4096) == SQLITE_OK)
            #expect(try sizeOnDisk() == 4096)
            // More than it holds, which is 31 pages.
            write(0..<40)
            #expect(try sizeOnDisk() == 31 * 4096)
        }
        #expect(try sizeOnDisk() == 40 * 4096)
        try store.write { try $0.run("INSERT INTO pens (name) VALUES ('kept')") }
        #expect(try SQLiteStore(path: folder.database).pens == 1)
    }
}
