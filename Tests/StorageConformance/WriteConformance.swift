import Storage
import Synchronization
import Testing
import Threads

@Suite struct WriteConformance {
    private struct Refused: Error {}

    @Test(arguments: ConformingEngine.allCases)
    func manyThreadsOfTwoStoresLoseNothing(engine: ConformingEngine) throws {
        let database = try ConformingDatabase.ofPens(on: engine)
        let stores = [database.store, try database.open()]
        try stores[0].write { try $0.run("INSERT INTO pens (id) VALUES (1)") }
        let answers = Atomic(0)
        onThreads(64) { number in
            for _ in 0..<20 {
                let stock: Int64? = try stores[number % 2].write { tx in
                    try tx.first("UPDATE pens SET stock = stock + 1 WHERE id = 1 RETURNING stock")?[
                        "stock"]
                }
                answers.add(stock.map { Int($0) } ?? 0, ordering: .relaxed)
            }
        }
        let jobs = 64 * 20
        #expect(try stores[0].number("SELECT stock AS n FROM pens") == Int64(jobs))
        // Every number from 1 was returned exactly once.
        #expect(answers.load(ordering: .relaxed) == jobs * (jobs + 1) / 2)
    }

    @Test(arguments: ConformingEngine.allCases)
    func anErrorRollsBackAndIsThrown(engine: ConformingEngine) throws {
        let database = try ConformingDatabase.ofPens(on: engine)
        #expect(throws: Refused.self) {
            try database.store.write { tx in
                try tx.run("INSERT INTO pens (name) VALUES ('a')")
                throw Refused()
            }
        }
        #expect(try database.store.pens == 0)
    }

    /// A body that ignores an error cannot continue, and nothing of it is committed.
    @Test(arguments: ConformingEngine.allCases)
    func anIgnoredErrorEndsTheTransaction(engine: ConformingEngine) throws {
        let database = try ConformingDatabase.ofPens(on: engine)
        #expect(throws: StoreError.constraint("pens_name_key")) {
            try database.store.write { tx in
                try tx.run("INSERT INTO pens (name, stock) VALUES ('a', 1)")
                _ = try? tx.run("INSERT INTO pens (name, stock) VALUES ('a', 2)")
                #expect(throws: StoreError.self) {
                    try tx.run("INSERT INTO pens (name, stock) VALUES ('b', 3)")
                }
            }
        }
        #expect(try database.store.pens == 0)
    }

    @Test(arguments: ConformingEngine.allCases)
    func aDryRunReturnsItsResultAndChangesNothing(engine: ConformingEngine) throws {
        let database = try ConformingDatabase.ofPens(on: engine)
        let store = database.store
        let id: Int64? = try store.write(.rollback) { tx in
            try tx.first("INSERT INTO pens (name) VALUES ('a') RETURNING id")?["id"]
        }
        #expect(id == 1)
        for isLater in [false, true] {
            #expect(throws: StoreError.constraint("stock_not_negative")) {
                try store.write(.rollback) { tx in
                    let sql: SQL = "INSERT INTO pens (stock) VALUES (-1)"
                    if isLater { try tx.later(sql) } else { try tx.run(sql) }
                }
            }
        }
        #expect(try store.pens == 0)
    }

    @Test(arguments: ConformingEngine.allCases)
    func aWriteInsideAWriteIsRefused(engine: ConformingEngine) throws {
        let database = try ConformingDatabase.ofPens(on: engine)
        let store = database.store
        #expect(throws: StoreError.self) {
            try store.write { _ in try store.write { try $0.run("DELETE FROM pens") } }
        }
        try store.write { try $0.run("INSERT INTO pens (name) VALUES ('a')") }
        #expect(try store.pens == 1)
    }

    @Test(arguments: ConformingEngine.allCases)
    func aLockBeyondTheTimeoutIsBusy(engine: ConformingEngine) throws {
        let database = try ConformingDatabase.ofPens(on: engine, busyWaitMs: 1000)
        let store = database.store
        try store.write { try $0.run("INSERT INTO pens (id) VALUES (1)") }
        try database.open().write { tx in
            try tx.run("UPDATE pens SET stock = 1")
            let start = monotonicMs()
            onThreads(4) { _ in
                #expect(throws: StoreError.busy) {
                    try store.write { try $0.run("UPDATE pens SET stock = 2") }
                }
            }
            #expect((300..<4000).contains(monotonicMs() - start))
            #expect(try store.pens == 1, "reads go on")
        }
        try store.write { try $0.run("UPDATE pens SET stock = stock + 2") }
        #expect(try store.number("SELECT stock AS n FROM pens") == 3)
    }

    /// Each counts rows that the others insert, up to a limit.
    @Test(arguments: ConformingEngine.allCases)
    func writersWithTheSameLockRunOneAfterAnother(engine: ConformingEngine) throws {
        let database = try ConformingDatabase.ofPens(on: engine)
        let store = database.store
        onThreads(16) { number in
            for name in ["ink", "'; --"] {
                do {
                    try store.write { tx in
                        try tx.lock(name)
                        let (pattern, pen) = ("\(name)%", "\(name)\(number)")
                        let row = try tx.first(
                            "SELECT COUNT(*) AS n FROM pens WHERE name LIKE \(pattern)")
                        guard let count: Int64 = try row?["n"], count < 3 else { return }
                        try tx.run("INSERT INTO pens (name) VALUES (\(pen))")
                    }
                } catch {
                    Issue.record(error)
                }
            }
        }
        #expect(try store.pens == 6)
    }

    @Test(arguments: ConformingEngine.allCases)
    func aClosedStoreRejects(engine: ConformingEngine) throws {
        let store = try ConformingDatabase.ofPens(on: engine).store
        store.close()
        store.close()
        #expect(throws: StoreError.unavailable("The store is closed.")) { try store.pens }
        #expect(throws: StoreError.unavailable("The store is closed.")) { try store.write { _ in } }
    }

    /// They may wait for the next statement or for the commit, and their errors do too.
    @Test(arguments: ConformingEngine.allCases)
    func laterStatementsRunInOrder(engine: ConformingEngine) throws {
        let database = try ConformingDatabase.ofPens(on: engine)
        let store = database.store
        try store.write { tx in
            let id = try tx.insert("INSERT INTO pens (name) VALUES ('a')")
            for _ in 0..<10 { try tx.later("UPDATE pens SET stock = stock + 1 WHERE id = \(id)") }
            try tx.later("INSERT INTO pens (name, stock) SELECT 'b', stock FROM pens")
        }
        #expect(try store.number("SELECT SUM(stock) AS n FROM pens") == 20)
        for isLast in [true, false] {
            #expect(throws: StoreError.constraint("pens_name_key")) {
                try store.write { tx in
                    try tx.later("INSERT INTO pens (name) VALUES ('a')")
                    if !isLast { try tx.run("INSERT INTO pens (name) VALUES ('c')") }
                }
            }
        }
        #expect(try store.pens == 2)
        try store.write { tx in
            try tx.later("UPDATE pens SET stock = 0")
            try tx.later("CREATE TABLE caps (id \(.identity))")
            try tx.later("INSERT INTO caps DEFAULT VALUES")
        }
        #expect(try store.number("SELECT id AS n FROM caps") == 1)
    }

    /// The rows are made by an INSERT with explicit numbers, as a migration does.
    @Test(arguments: ConformingEngine.allCases)
    func numbersContinueAfterExplicitOnes(engine: ConformingEngine) throws {
        let database = try ConformingDatabase.ofPens(on: engine)
        let store = database.store
        try store.write { try $0.numbered("pens") }
        try store.write { tx in
            try tx.run("INSERT INTO pens (id) VALUES (41)")
            try tx.numbered("pens")
        }
        #expect(try store.write { try $0.insert("INSERT INTO pens (name) VALUES ('a')") } == 42)
        // The counter never goes back.
        try store.write { tx in
            try tx.run("DELETE FROM pens")
            try tx.run("INSERT INTO pens (id) VALUES (7)")
            try tx.numbered("pens")
        }
        #expect(try store.write { try $0.insert("INSERT INTO pens (name) VALUES ('b')") } == 43)
        #expect(throws: StoreError.self) {
            try store.write { try $0.insert("INSERT INTO pens (name) SELECT 'c' WHERE FALSE") }
        }
    }
}
