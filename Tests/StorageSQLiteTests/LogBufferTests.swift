import CSQLite
import Glibc
import Storage
import Testing

@testable import StorageSQLite

@Suite struct LogBufferTests {
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

    /// A commit of three pages is one call, where SQLite alone makes six.
    @Test func theSystemIsCalledOnceForManyPages() throws {
        let name = try #require(LogBuffer.vfsName)
        let vfs = try #require(sqlite3_vfs_find(name))
        let folder = try Folder()
        let path = try #require(strdup(folder.database))
        defer { free(path) }
        let file = UnsafeMutableRawPointer.allocate(
            byteCount: Int(vfs.pointee.szOsFile), alignment: 8
        ).assumingMemoryBound(to: sqlite3_file.self)
        defer { file.deallocate() }
        let flags = SQLITE_OPEN_WAL | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        try #require(vfs.pointee.xOpen(vfs, path, file, flags, nil) == SQLITE_OK)
        let methods = file.pointee.pMethods.pointee
        var isOpen = true
        defer { if isOpen { _ = methods.xClose(file) } }
        func sizeOnDisk() -> Int {
            var status = stat()
            return stat(folder.database, &status) == 0 ? status.st_size : -1
        }
        let page = [UInt8](repeating: 7, count: 4096)
        for number in 0..<3 as Range<Int64> {
            #expect(methods.xWrite(file, page, 4096, number * 4096) == SQLITE_OK)
        }
        #expect(sizeOnDisk() == 0)
        // Asked for its size, or to be durable, or to be read, it has all of them.
        var size: sqlite3_int64 = 0
        #expect(methods.xFileSize(file, &size) == SQLITE_OK)
        #expect(size == 3 * 4096)
        #expect(methods.xWrite(file, page, 4096, 4 * 4096) == SQLITE_OK)
        #expect(methods.xSync(file, SQLITE_SYNC_NORMAL) == SQLITE_OK)
        #expect(sizeOnDisk() == 5 * 4096)
        var bytes = [UInt8](repeating: 0, count: 4096)
        let other = [UInt8](repeating: 9, count: 4096)
        #expect(methods.xWrite(file, other, 4096, 4096) == SQLITE_OK)
        #expect(methods.xRead(file, &bytes, 4096, 4096) == SQLITE_OK)
        #expect(bytes == other)
        #expect(methods.xTruncate(file, 4096) == SQLITE_OK)
        #expect(sizeOnDisk() == 4096)
        // More than it holds, and what comes last is there when it is closed.
        for number in 0..<40 as Range<Int64> {
            #expect(methods.xWrite(file, page, 4096, number * 4096) == SQLITE_OK)
        }
        #expect(sizeOnDisk() == 31 * 4096)
        #expect(methods.xClose(file) == SQLITE_OK)
        isOpen = false
        #expect(sizeOnDisk() == 40 * 4096)
    }
}
