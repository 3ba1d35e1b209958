import Glibc
import Storage
import StorageSQLite
import Testing

@Suite struct DurabilityTests {
    /// After a crash of the machine, the database file and its WAL are as they are at that moment.
    @Test func committedRowsAreInTheFiles() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        for number in 1...20 as ClosedRange<Int64> {
            try store.write { try $0.run("INSERT INTO pens (id) VALUES (\(number))") }
            for suffix in ["", "-wal"] {
                try copy(folder.database + suffix, to: "\(folder.path)/copy.db\(suffix)")
            }
            unlink("\(folder.path)/copy.db-shm")
            let copied = try SQLiteStore(path: "\(folder.path)/copy.db")
            #expect(try copied.number("SELECT max(id) AS n FROM pens") == number)
        }
    }

    @Test func checkpointsBoundTheWAL() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let name = String(repeating: "long", count: 10_000)
        for number in 1...1500 as ClosedRange<Int64> {
            try store.write { try $0.run("INSERT INTO pens (name) VALUES (\(name) || \(number))") }
        }
        // 120 MB were written without a pause; the WAL restarts at 48 MiB.
        #expect(try size(of: "\(folder.database)-wal") < 80_000_000)
        #expect(try size(of: folder.database) > 40_000_000)
    }

    /// A checkpoint is running or due, and closing waits for no more than that.
    @Test func closingDuringACheckpointLosesNothing() throws {
        for rows in [200, 210, 220, 230] as [Int64] {
            let folder = try Folder()
            let store = try folder.storeOfPens()
            let name = String(repeating: "long", count: 10_000)
            for number in 1...rows {
                try store.write {
                    try $0.run("INSERT INTO pens (name) VALUES (\(name) || \(number))")
                }
            }
            store.close()
            let again = try folder.store()
            #expect(try again.pens == rows)
            let isWhole = try again.read {
                try $0.first("PRAGMA integrity_check")?["integrity_check"] == "ok"
            }
            #expect(isWhole)
        }
    }

    private func size(of path: String) throws -> Int {
        var status = stat()
        try #require(stat(path, &status) == 0)
        return status.st_size
    }

    private func copy(_ source: String, to target: String) throws {
        let from = open(source, O_RDONLY)
        let to = open(target, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        defer {
            close(from)
            close(to)
        }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = read(from, &buffer, buffer.count), count > 0 {
            try #require(write(to, buffer, count) == count)
        }
    }
}
