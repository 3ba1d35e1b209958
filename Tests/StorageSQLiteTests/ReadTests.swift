import Storage
import StorageSQLite
import Testing

@Suite struct ReadTests {
    @Test func isOneSnapshotWhileAnotherStoreWrites() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let other = try folder.store()
        try store.read { tx in
            let before: Int64? = try tx.first("SELECT count(*) AS n FROM pens")?["n"]
            try other.write { try $0.run("INSERT INTO pens (name) VALUES ('late')") }
            let after: Int64? = try tx.first("SELECT count(*) AS n FROM pens")?["n"]
            #expect(before == 0)
            #expect(after == 0)
        }
        #expect(try store.pens == 1)
    }

    @Test(
        arguments: [
            "INSERT INTO pens (name) VALUES ('a')", "UPDATE pens SET stock = 1", "DELETE FROM pens",
            "DROP TABLE pens", "COMMIT", "PRAGMA query_only = OFF",
        ] as [SQL])
    func cannotWrite(sql: SQL) throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let failure = #expect(throws: StoreError.self) { try store.read { try $0.run(sql) } }
        guard case .engine = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(try store.pens == 0)
    }

    @Test func oneReadInsideAnotherAndAWriteInsideIt() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        try store.read { _ in
            try store.write { try $0.run("INSERT INTO pens (name) VALUES ('a')") }
            #expect(try store.pens == 1)
        }
    }

    @Test func moreThreadsThanReadersTakeTurns() throws {
        let folder = try Folder()
        _ = try folder.storeOfPens()
        let store = try SQLiteStore(path: folder.database, readersMax: 2)
        onThreads(16) { _ in
            for _ in 0..<50 {
                do {
                    #expect(try store.pens == 0)
                } catch {
                    Issue.record(error)
                }
            }
        }
    }

    @Test func aReadWithoutAFreeReaderTimesOut() throws {
        let folder = try Folder()
        _ = try folder.storeOfPens()
        let store = try SQLiteStore(path: folder.database, busyWaitMs: 50, readersMax: 1)
        #expect(throws: StoreError.busy) {
            try store.read { _ in try store.pens }
        }
        #expect(try store.pens == 0)
    }
}
