import Glibc
import Storage
import StorageSQLite
import Synchronization
import Testing
import Values

@Suite struct WriteTests {
    private struct Refused: Error {}

    @Test func sixtyFourThreadsShareCommits() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        try store.write { try $0.run("INSERT INTO pens (id) VALUES (1)") }
        let before = store.statistics
        let answers = Atomic(0)
        onThreads(64) { _ in
            for _ in 0..<200 {
                do {
                    let stock: Int64? = try store.write { tx in
                        try tx.first(
                            "UPDATE pens SET stock = stock + 1 WHERE id = 1 RETURNING stock")?[
                                "stock"]
                    }
                    answers.add(stock.map { Int($0) } ?? 0, ordering: .relaxed)
                } catch {
                    Issue.record(error)
                }
            }
        }
        let jobs = 64 * 200
        #expect(try store.number("SELECT stock AS n FROM pens") == Int64(jobs))
        // Every number from 1 was returned exactly once.
        #expect(answers.load(ordering: .relaxed) == jobs * (jobs + 1) / 2)
        #expect(store.statistics.writes - before.writes == jobs)
        #expect(store.statistics.commits - before.commits < jobs / 4)
    }

    @Test func anErrorRollsBackAndIsThrown() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        #expect(throws: Refused.self) {
            try store.write { tx in
                try tx.run("INSERT INTO pens (name) VALUES ('a')")
                throw Refused()
            }
        }
        #expect(try store.pens == 0)
    }

    /// A body that ignores an error cannot continue, and nothing of it is committed.
    @Test func anIgnoredErrorEndsTheTransaction() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        #expect(throws: StoreError.constraint("pens_name_key")) {
            try store.write { tx in
                try tx.run("INSERT INTO pens (name, stock) VALUES ('a', 1)")
                _ = try? tx.run("INSERT INTO pens (name, stock) VALUES ('a', 2)")
                #expect(throws: StoreError.self) {
                    try tx.run("INSERT INTO pens (name, stock) VALUES ('b', 3)")
                }
            }
        }
        #expect(try store.pens == 0)
    }

    @Test func aDryRunReturnsItsResultAndChangesNothing() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let id: Int64? = try store.write(.rollback) { tx in
            try tx.first("INSERT INTO pens (name) VALUES ('a') RETURNING id")?["id"]
        }
        #expect(id == 1)
        #expect(try store.pens == 0)
        #expect(throws: StoreError.constraint("stock_not_negative")) {
            try store.write(.rollback) { try $0.run("INSERT INTO pens (stock) VALUES (-1)") }
        }
    }

    @Test func aWriteInsideAWriteIsRefused() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        #expect(throws: StoreError.self) {
            try store.write { _ in try store.write { try $0.run("DELETE FROM pens") } }
        }
        try store.write { try $0.run("INSERT INTO pens (name) VALUES ('a')") }
        #expect(try store.pens == 1)
    }

    @Test func aLockBeyondTheTimeoutIsBusy() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens(busyWaitMs: 200)
        let gate = Gate()
        let holder = gate.hold(try folder.store())
        let start = Instant.now().milliseconds
        onThreads(4) { _ in
            #expect(throws: StoreError.busy) {
                try store.write { try $0.run("INSERT INTO pens (name) VALUES ('a')") }
            }
        }
        #expect((200..<2000).contains(Instant.now().milliseconds - start))
        #expect(try store.pens == 0, "reads go on")
        gate.open()
        holder.join()
        try store.write { try $0.run("INSERT INTO pens (name) VALUES ('a')") }
        #expect(try store.pens == 1)
    }

    @Test func twoStoresOnOneFileLoseNothing() throws {
        let folder = try Folder()
        let stores = [try folder.storeOfPens(), try folder.storeOfPens()]
        try stores[0].write { try $0.run("INSERT INTO pens (id) VALUES (1)") }
        onThreads(32) { number in
            for _ in 0..<100 {
                do {
                    try stores[number % 2].write {
                        try $0.run("UPDATE pens SET stock = stock + 1 WHERE id = 1")
                    }
                } catch {
                    Issue.record(error)
                }
            }
        }
        #expect(try stores[0].number("SELECT stock AS n FROM pens") == 3200)
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
        usleep(50_000)
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
