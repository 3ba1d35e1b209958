import Foundation
import Storage
import StorageSQLite
import Testing

/// Copies of a database that is in use.
@Suite struct CopyTests {
    /// About 3 MiB in a table.
    private func filled(_ folder: Folder) throws -> SQLiteStore {
        let store = try folder.store()
        let text = String(repeating: "x", count: 1000)
        try store.write { tx in
            try tx.run("CREATE TABLE notes (id BIGINT PRIMARY KEY, text TEXT NOT NULL)")
            for id in 1...3000 as ClosedRange<Int64> {
                try tx.run("INSERT INTO notes (id, text) VALUES (\(id), \(text))")
            }
        }
        return store
    }

    private func notes(_ store: SQLiteStore, _ text: String) throws -> Int64? {
        try store.read {
            try $0.first("SELECT COUNT(*) AS notes FROM notes WHERE text = \(text)")?["notes"]
        }
    }

    @Test func isASnapshotOfItsStart() throws {
        let folder = try Folder()
        let store = try filled(folder)
        let path = "\(folder.path)/copy.db"
        var steps: [Int] = []
        // Without a snapshot, each of these writes would restart the copy.
        try SQLiteStore.copy(folder.database, to: path) { done, all in
            steps.append(done)
            #expect(done <= all && steps.count < 1000)
            let number = Int64(steps.count)
            try store.write { try $0.run("UPDATE notes SET text = 'new' WHERE id = \(number)") }
        }
        #expect(steps.count > 2 && steps == steps.sorted())
        let copy = try SQLiteStore(path: path, readOnly: true)
        #expect(try notes(copy, "new") == 0)
        #expect(try notes(store, "new") == Int64(steps.count))
    }

    @Test func isOneFileWithoutAWAL() throws {
        let folder = try Folder()
        let store = try filled(folder)
        let path = "\(folder.path)/copy.db"
        try SQLiteStore.copy(folder.database, to: path)
        let copy = try SQLiteStore(path: path, readOnly: true)
        #expect(try notes(copy, "old") == 0)
        #expect(throws: StoreError.self) {
            try copy.write { try $0.run("DELETE FROM notes") }
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(files.filter { $0.hasPrefix("copy") } == ["copy.db"])
        // Not in WAL mode: bytes 18 and 19 of https://www.sqlite.org/fileformat2.html
        let header = try Data(contentsOf: URL(fileURLWithPath: path)).prefix(20).suffix(2)
        #expect(Array(header) == [1, 1])
        store.close()
    }

    @Test func theWALIsCheckpointedIfNoOtherProcessUsesIt() throws {
        let folder = try Folder()
        let store = try filled(folder)
        #expect(throws: StoreError.busy) { try SQLiteStore.foldWAL(of: folder.database) }
        #expect(try notes(store, "old") == 0)
        store.close()
        try SQLiteStore.foldWAL(of: folder.database)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(!files.contains { $0.hasSuffix("-wal") || $0.hasSuffix("-shm") })
        #expect(try notes(SQLiteStore(path: folder.database, readOnly: true), "old") == 0)
    }
}
