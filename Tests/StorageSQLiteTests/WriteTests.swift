import Glibc
import Storage
import StorageSQLite
import Testing

@Suite struct WriteTests {
    @Test func sixtyFourThreadsShareCommits() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        try store.write { try $0.run("INSERT INTO pens (id) VALUES (1)") }
        let before = store.statistics
        onThreads(64) { _ in
            for _ in 0..<200 {
                do {
                    try store.write { try $0.run("UPDATE pens SET stock = stock + 1 WHERE id = 1") }
                } catch {
                    Issue.record(error)
                }
            }
        }
        let jobs = 64 * 200
        #expect(try store.number("SELECT stock AS n FROM pens") == Int64(jobs))
        #expect(store.statistics.writes - before.writes == jobs)
        #expect(store.statistics.commits - before.commits < jobs / 4)
    }

    @Test func aClosedStoreFinishesAndThenRejects() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let gate = Gate()
        let holder = gate.hold(store)
        let late = startThread {
            do {
                try store.write { try $0.run("INSERT INTO pens (name) VALUES ('a')") }
            } catch {
                Issue.record(error)
            }
        }
        store.waitUntilQueued(1)
        gate.open()
        store.close()
        store.close()
        holder.join()
        late.join()
        #expect(throws: StoreError.unavailable("The store is closed.")) { try store.pens }
        #expect(throws: StoreError.unavailable("The store is closed.")) { try store.write { _ in } }
        #expect(try folder.store().pens == 1)
        #expect(
            access("\(folder.database)-wal", F_OK) != 0, "the log went with the last connection")
    }
}
