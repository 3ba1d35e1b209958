import Storage
import Testing

/// Announced statements give what they would give without the announcement.
@Suite struct AnnouncementConformance {
    private static let debit: SQL = "UPDATE pens SET stock = stock - 1 WHERE id = 1 AND stock > 0"
    private static let pen: SQL = "SELECT stock FROM pens WHERE id = 1"

    private func database(_ engine: ConformingEngine, stock: Int64) throws -> ConformingDatabase {
        let database = try ConformingDatabase.ofPens(on: engine)
        try database.store.write { try $0.run("INSERT INTO pens (id, stock) VALUES (1, \(stock))") }
        return database
    }

    @Test(arguments: ConformingEngine.allCases)
    func aChangeIsMadeOnceAfterTheNextStatement(engine: ConformingEngine) throws {
        let database = try database(engine, stock: 5)
        let seen = try database.store.write { tx -> [Int64] in
            tx.announce(Self.debit, returning: "stock")
            let before: Int64 = try tx.first(Self.pen)?["stock"] ?? -1
            let row = try tx.update(Self.debit, returning: "stock", from: Self.pen)
            return [before, try row?["stock"] ?? -1]
        }
        #expect(seen == [5, 4])
        #expect(try database.store.number("SELECT stock AS n FROM pens") == 4)
    }

    @Test(arguments: ConformingEngine.allCases)
    func aChangeOfNoRowIsNil(engine: ConformingEngine) throws {
        let database = try database(engine, stock: 0)
        try database.store.write { tx in
            tx.announce(Self.debit, returning: "stock")
            try tx.run("INSERT INTO pens (id, stock) VALUES (2, 7)")
            #expect(try tx.update(Self.debit, returning: "stock", from: Self.pen) == nil)
        }
        #expect(try database.store.pens == 2)
    }

    /// Each value has its own row, whatever the order of the questions.
    @Test(arguments: ConformingEngine.allCases)
    func rowsAreGivenByStatementAndValues(engine: ConformingEngine) throws {
        let database = try database(engine, stock: 1)
        @Sendable func stock(_ id: Int64) -> SQL { "SELECT stock FROM pens WHERE id = \(id)" }
        try database.store.write { tx in
            for id in 2...4 as ClosedRange<Int64> {
                try tx.run("INSERT INTO pens (id, stock) VALUES (\(id), \(id * 10))")
            }
            for id in 2...4 as ClosedRange<Int64> { tx.announce(stock(id)) }
            for (id, expected) in [(1, 1), (4, 40), (2, 20), (3, 30), (2, 20)] as [(Int64, Int64)] {
                #expect(try tx.first(stock(id))?["stock"] == expected)
            }
        }
    }

    @Test(arguments: ConformingEngine.allCases)
    func oneThatIsNotAskedForIsDropped(engine: ConformingEngine) throws {
        let database = try database(engine, stock: 3)
        let stock = try database.store.write { tx -> Int64? in
            tx.announce("SELECT stock FROM pens WHERE id = 9")
            return try tx.first(Self.pen)?["stock"]
        }
        #expect(stock == 3)
        #expect(try database.store.read { try $0.first(Self.pen)?["stock"] } == Int64(3))
    }

    @Test(arguments: ConformingEngine.allCases)
    func anErrorUndoesAll(engine: ConformingEngine) throws {
        let database = try database(engine, stock: 3)
        #expect(throws: StoreError.constraint("pens_name_key")) {
            try database.store.write { tx in
                try tx.run("INSERT INTO pens (id, name) VALUES (2, 'a')")
                tx.announce(Self.debit, returning: "stock")
                try tx.run("INSERT INTO pens (id, name) VALUES (3, 'a')")
            }
        }
        #expect(try database.store.read { try $0.first(Self.pen)?["stock"] } == Int64(3))
        #expect(try database.store.pens == 1)
    }
}
