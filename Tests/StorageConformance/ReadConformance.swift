import Storage
import Synchronization
import Testing

@Suite struct ReadConformance {
    @Test(arguments: ConformingEngine.allCases)
    func isOneSnapshotWhileAnotherStoreWrites(engine: ConformingEngine) throws {
        let database = try ConformingDatabase.ofPens(on: engine)
        let other = try database.open()
        try database.store.read { tx in
            let count: SQL = "SELECT COUNT(*) AS n FROM pens"
            #expect(try tx.first(count)?["n"] == Int64(0))
            try other.write { try $0.run("INSERT INTO pens (name) VALUES ('late')") }
            #expect(try tx.first(count)?["n"] == Int64(0))
        }
        #expect(try database.store.pens == 1)
    }

    @Test(arguments: ConformingEngine.allCases) func cannotWrite(engine: ConformingEngine) throws {
        let database = try ConformingDatabase.ofPens(on: engine)
        let statements: [SQL] = [
            "INSERT INTO pens (name) VALUES ('a')", "UPDATE pens SET stock = 1", "DELETE FROM pens",
            "DROP TABLE pens", "COMMIT",
        ]
        for sql in statements {
            expectEngineError("\(sql.template)") {
                _ = try database.store.read { try $0.run(sql) }
            }
        }
        #expect(try database.store.pens == 0)
    }

    @Test(arguments: ConformingEngine.allCases)
    func oneReadInsideAnotherAndAWriteInsideIt(engine: ConformingEngine) throws {
        let database = try ConformingDatabase.ofPens(on: engine)
        let store = database.store
        try store.read { _ in
            try store.write { try $0.run("INSERT INTO pens (name) VALUES ('a')") }
            #expect(try store.pens == 1)
        }
    }

    @Test(arguments: ConformingEngine.allCases)
    func moreThreadsThanConnectionsTakeTurns(engine: ConformingEngine) throws {
        let database = try ConformingDatabase.ofPens(on: engine, connectionsMax: 2)
        onThreads(16) { _ in
            for _ in 0..<50 {
                let pens = try database.store.pens
                #expect(pens == 0)
            }
        }
    }

    @Test(arguments: ConformingEngine.allCases)
    func withoutAFreeConnectionItIsBusy(engine: ConformingEngine) throws {
        let database = try ConformingDatabase.ofPens(on: engine, busyWaitMs: 50, connectionsMax: 1)
        let store = database.store
        #expect(throws: StoreError.busy) { try store.read { _ in try store.pens } }
        #expect(try store.pens == 0)
    }

    private static let countPens: @Sendable (any Transaction) throws -> Int64 = {
        try $0.first("SELECT COUNT(*) AS n FROM pens")?["n"] ?? -1
    }

    @Test(arguments: ConformingEngine.allCases)
    func readsTogetherShareOneSnapshot(engine: ConformingEngine) throws {
        let database = try ConformingDatabase.ofPens(on: engine)
        let (store, other) = (database.store, try database.open())
        let bodies = Array(repeating: Self.countPens, count: 40)
        for round in 0..<5 {
            let isOver = Atomic(false)
            let counts = Mutex<[[Int64]]>([])
            onThreads(2) { number in
                guard number == 0 else {
                    while !isOver.load(ordering: .relaxed) {
                        try other.write { try $0.run("INSERT INTO pens (stock) VALUES (1)") }
                    }
                    return
                }
                defer { isOver.store(true, ordering: .relaxed) }
                let found = try store.readTogether(bodies, atOnce: 4) { _ in }
                counts.withLock { $0.append(found) }
            }
            let found = counts.withLock { $0 }
            #expect(
                found.count == 1 && found[0].count == 40 && Set(found[0]).count == 1, "\(round)")
        }
    }

    @Test(arguments: ConformingEngine.allCases)
    func resultsAreInTheOrderOfTheirBodies(engine: ConformingEngine) throws {
        let database = try ConformingDatabase(on: engine)
        let seen = Mutex<[Int]>([])
        let bodies = (0..<20).map { number in { @Sendable (_: any Transaction) in number } }
        let found = try database.store.readTogether(bodies, atOnce: 3) { done in
            seen.withLock { $0.append(done) }
        }
        #expect(found == Array(0..<20))
        #expect(seen.withLock { $0 } == Array(1...20))
    }

    /// A body that has ended with an error leaves the others their transactions.
    @Test(arguments: ConformingEngine.allCases)
    func anErrorIsThrownAndTheRestSkipped(engine: ConformingEngine) throws {
        let database = try ConformingDatabase(on: engine)
        let ran = Atomic(0)
        let bodies: [@Sendable (any Transaction) throws -> Int] = (0..<50).map { number in
            { tx in
                ran.add(1, ordering: .relaxed)
                if number == 2 { _ = try? tx.run("SELECT nothing") }
                if number == 3 { throw StoreError.unavailable("no more") }
                return number
            }
        }
        #expect(throws: StoreError.unavailable("no more")) {
            try database.store.readTogether(bodies, atOnce: 1) { _ in }
        }
        #expect(ran.load(ordering: .relaxed) == 4)
    }
}
