import Glibc
import PostgresFixture
import Storage
import StoragePostgres
import Synchronization
import Testing
import Threads

@Suite struct PostgresWriteTests {
    private struct Refused: Error {}

    @Test func sixtyFourThreadsLoseNothing() throws {
        let pens = try PostgresPens()
        let store = pens.store
        try store.write { try $0.run("INSERT INTO pens (id) VALUES (1)") }
        let answers = Atomic(0)
        onThreads(64) { _ in
            for _ in 0..<20 {
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
        let jobs = 64 * 20
        #expect(try store.number("SELECT stock AS n FROM pens") == Int64(jobs))
        // Every number from 1 was returned exactly once.
        #expect(answers.load(ordering: .relaxed) == jobs * (jobs + 1) / 2)
    }

    @Test func anErrorRollsBackAndIsThrown() throws {
        let pens = try PostgresPens()
        #expect(throws: Refused.self) {
            try pens.store.write { tx in
                try tx.run("INSERT INTO pens (name) VALUES ('a')")
                throw Refused()
            }
        }
        #expect(try pens.store.pens == 0)
    }

    @Test func aDryRunReturnsItsResultAndChangesNothing() throws {
        let pens = try PostgresPens()
        let store = pens.store
        let id: Int64? = try store.write(.rollback) { tx in
            try tx.first("INSERT INTO pens (name) VALUES ('a') RETURNING id")?["id"]
        }
        #expect(id == 1)
        #expect(try store.pens == 0)
        for isLater in [false, true] {
            #expect(throws: StoreError.constraint("stock_not_negative")) {
                try store.write(.rollback) { tx in
                    let sql: SQL = "INSERT INTO pens (stock) VALUES (-1)"
                    if isLater { try tx.later(sql) } else { try tx.run(sql) }
                }
            }
        }
    }

    @Test func aWriteInsideAWriteIsRefused() throws {
        let pens = try PostgresPens()
        let store = pens.store
        #expect(throws: StoreError.self) {
            try store.write { _ in try store.write { try $0.run("DELETE FROM pens") } }
        }
        try store.write { try $0.run("INSERT INTO pens (name) VALUES ('a')") }
        #expect(try store.pens == 1)
    }

    @Test func aLockBeyondTheTimeoutIsBusy() throws {
        let pens = try PostgresPens(busyWaitMs: 300)
        let store = pens.store
        try store.write { try $0.run("INSERT INTO pens (id) VALUES (1)") }
        let other = try PostgresStore(url: pens.database.url)
        try other.write { tx in
            try tx.run("UPDATE pens SET stock = 1")
            let start = monotonicMs()
            #expect(throws: StoreError.busy) {
                try store.write { try $0.run("UPDATE pens SET stock = 2") }
            }
            #expect((200..<2000).contains(monotonicMs() - start))
            #expect(try store.pens == 1, "reads go on")
        }
        try store.write { try $0.run("UPDATE pens SET stock = stock + 2") }
        #expect(try store.number("SELECT stock AS n FROM pens") == 3)
    }

    @Test func aClosedStoreRejects() throws {
        let pens = try PostgresPens()
        let store = pens.store
        store.close()
        store.close()
        #expect(throws: StoreError.unavailable("The store is closed.")) { try store.pens }
        #expect(throws: StoreError.unavailable("The store is closed.")) { try store.write { _ in } }
    }

    /// The statements wait for the next one or for COMMIT, and their errors do too.
    @Test func laterStatementsRunInOrder() throws {
        let pens = try PostgresPens()
        let store = pens.store
        let before = roundTrips(store)
        try store.write { tx in
            let id = try tx.insert("INSERT INTO pens (name) VALUES ('a')")
            for _ in 0..<10 { try tx.later("UPDATE pens SET stock = stock + 1 WHERE id = \(id)") }
            try tx.later("INSERT INTO pens (name, stock) SELECT 'b', stock FROM pens")
        }
        #expect(roundTrips(store) - before == 2)
        #expect(try store.number("SELECT SUM(stock) AS n FROM pens") == 20)
        #expect(throws: StoreError.constraint("pens_name_key")) {
            try store.write { try $0.later("INSERT INTO pens (name) VALUES ('a')") }
        }
        #expect(throws: StoreError.constraint("pens_name_key")) {
            try store.write { tx in
                try tx.later("INSERT INTO pens (name) VALUES ('a')")
                try tx.run("INSERT INTO pens (name) VALUES ('c')")
            }
        }
        #expect(try store.pens == 2)
        try store.write { tx in
            try tx.later("UPDATE pens SET stock = 0")
            try tx.later("CREATE TABLE caps (id \(.identity))")
            try tx.later("INSERT INTO caps DEFAULT VALUES")
        }
        #expect(try store.number("SELECT id AS n FROM caps") == 1)
        try store.write { tx in
            for number in 0..<1000 as Range<Int64> {
                try tx.later("INSERT INTO pens (stock) VALUES (\(number))")
            }
        }
        #expect(try store.pens == 1002)
    }

    /// After an error the transaction is over, also if the body ignores it.
    @Test func aFailedTransactionIsNeverCommitted() throws {
        let pens = try PostgresPens()
        let store = pens.store
        #expect(throws: StoreError.constraint("stock_not_negative")) {
            try store.write { tx in
                try tx.run("INSERT INTO pens (name) VALUES ('a')")
                _ = try? tx.run("INSERT INTO pens (stock) VALUES (-1)")
                #expect(throws: StoreError.self) { try tx.run("SELECT 1 AS n") }
            }
        }
        #expect(try store.pens == 0)
    }

    private func roundTrips(_ store: PostgresStore) -> Int {
        store.value(of: "souk_postgres_round_trips_total")
    }
}

extension PostgresStore {
    /// The sum of a metric's samples.
    func value(of name: String) -> Int {
        metrics.filter { $0.name == name }.flatMap(\.samples).compactMap { Int($0.value) }
            .reduce(0, +)
    }
}
