import CSQLite
import Glibc
import Storage
import Testing

@testable import StorageSQLite

@Suite struct WALWriteBufferTests {
    /// More pages than the buffer and the page cache hold.
    ///
    /// Some pages are read from the WAL before the commit, and some are written twice.
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

    /// Pages that did not fit into the page cache were in the WAL before the rollback.
    ///
    /// The next commit of any process overwrites their frames.
    @Test func rolledBackPagesNeverOverwriteAnotherCommit() throws {
        struct GivenUp: Error {}
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let other = try SQLiteStore(path: folder.database)
        let page = String(repeating: "x", count: 3500)
        var database: OpaquePointer?
        try #require(sqlite3_open_v2(folder.database, &database, SQLITE_OPEN_READWRITE, nil) == 0)
        defer { sqlite3_close_v2(database) }
        // The cache holds the pages of about 200 pens, so each larger count writes a few more to
        // the WAL.
        for count in stride(from: 205, to: 295, by: 2) as StrideTo<Int64> {
            // The rollback must read nothing from the WAL.
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

    /// The content of the WAL as SQLite itself reads it from the files.
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

    /// The calls that SQLite makes while it holds the write lock.
    @Test func pagesAreWrittenOnReadsAndOnUnlock() throws {
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
            // If SQLite reads the file, syncs it or asks for its size, the file has all pages.
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
            // More than the buffer holds, which is 31 pages.
            write(0..<40)
            #expect(try sizeOnDisk() == 31 * 4096)
        }
        #expect(try sizeOnDisk() == 40 * 4096)
        try store.write { try $0.run("INSERT INTO pens (name) VALUES ('kept')") }
        #expect(try SQLiteStore(path: folder.database).pens == 1)
    }
}
