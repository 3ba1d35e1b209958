import Storage
import Testing

@Suite struct StatementConformance {
    private let rows: SQL = "SELECT id, stock FROM pens ORDER BY id"
    private struct Enough: Error {}

    private func tenPens(on engine: ConformingEngine) throws -> ConformingDatabase {
        let database = try ConformingDatabase.ofPens(on: engine)
        try database.store.write { tx in
            for id in 1...10 as ClosedRange<Int64> {
                try tx.run("INSERT INTO pens (id) VALUES (\(id))")
            }
        }
        return database
    }

    @Test(arguments: ConformingEngine.allCases)
    func theSameTextInsideItsOwnVisit(engine: ConformingEngine) throws {
        let database = try tenPens(on: engine)
        let pairs = try database.store.read { tx in
            try tx.all(rows) { _ in try tx.all(rows) { try $0["id"] as Int64 }.count }
        }
        #expect(pairs == Array(repeating: 10, count: 10))
    }

    @Test(arguments: ConformingEngine.allCases)
    func aVisitMayStopEarlyOrThrow(engine: ConformingEngine) throws {
        let database = try tenPens(on: engine)
        try database.store.read { tx throws in
            for _ in 1...3 {
                #expect(try tx.first(rows)?["id"] == Int64(1))
                #expect(throws: Enough.self) { try tx.each(rows) { _ in throw Enough() } }
                #expect(try tx.all(rows) { try $0["id"] as Int64 } == Array(1...10))
            }
        }
        let update: SQL = "UPDATE pens SET stock = stock + 1 RETURNING id"
        try database.store.write { tx throws in
            _ = try tx.first(update)
            #expect(throws: Enough.self) { try tx.each(update) { _ in throw Enough() } }
        }
        #expect(try database.store.number("SELECT SUM(stock) AS n FROM pens") == 20)
    }

    @Test(arguments: ConformingEngine.allCases)
    func countsWhatItChanged(engine: ConformingEngine) throws {
        let database = try tenPens(on: engine)
        try database.store.write { tx throws in
            #expect(try tx.run("UPDATE pens SET stock = 5 WHERE id <= 3") == 3)
            #expect(try tx.run("UPDATE pens SET stock = 5 WHERE id > 10") == 0)
            #expect(try tx.run(rows) == 0)
            #expect(try tx.run("CREATE TABLE other (id \(.identity))") == 0)
            #expect(try tx.each("DELETE FROM pens WHERE id > 6 RETURNING id") { _ in false } == 4)
        }
    }

    @Test(arguments: ConformingEngine.allCases)
    func marksForLocksSelectTheSame(engine: ConformingEngine) throws {
        let database = try tenPens(on: engine)
        for mark in [.alone("pens"), .held("pens"), .skipping] as [SQL.Dialect] {
            let read: @Sendable (any Transaction) throws -> Int = { tx in
                try tx.all("SELECT id FROM pens LIMIT 3 \(mark)") { try $0["id"] as Int64 }.count
            }
            #expect(try database.store.read(read) == 3)
            #expect(try database.store.write(read) == 3)
        }
    }

    @Test(arguments: ConformingEngine.allCases)
    func textThatIsNotOneStatementIsRejected(engine: ConformingEngine) throws {
        let database = try ConformingDatabase(on: engine)
        for sql in ["", "SELECT 1; SELECT 2", "SELEC 1"] as [SQL] {
            let failure = #expect(throws: StoreError.self) {
                try database.store.read { try $0.run(sql) }
            }
            guard case .engine(_, _, sql.template) = failure else {
                Issue.record("\(sql.template): \(String(describing: failure))")
                continue
            }
        }
        expectEngineError("a plan") { _ = try database.store.queryPlan(of: "SELECT nothing") }
    }

    @Test(arguments: ConformingEngine.allCases)
    func aBodyCannotEndItsTransaction(engine: ConformingEngine) throws {
        let database = try ConformingDatabase.ofPens(on: engine)
        for sql in ["COMMIT", "ROLLBACK", "SAVEPOINT a", "RELEASE job", "BEGIN"] as [SQL] {
            expectEngineError("\(sql.template)") {
                try database.store.write { tx in
                    try tx.run("INSERT INTO pens (name) VALUES ('a')")
                    try tx.run(sql)
                }
            }
        }
        #expect(try database.store.pens == 0)
    }

    private static let values: [Value] = [
        .null, .integer(.min), .integer(-1), .integer(0), .integer(2_147_483_648), .integer(.max),
        .text(""), .text("fifteen bytes.."), .text("more than fifteen bytes"),
        .text("it's \"quoted\"; -- $1 ? :a @b \\ %"), .text("🖋️ Füller, قلم, 鋼筆 \u{10FFFF}"),
        .text("\u{1}\u{7F}\u{FFFD}"), .text(String(repeating: "long ", count: 100_000)),
    ]

    @Test(arguments: ConformingEngine.allCases)
    func valuesRoundTrip(engine: ConformingEngine) throws {
        let database = try ConformingDatabase(on: engine)
        try database.store.write { tx in
            try tx.run("CREATE TABLE things (number \(.int64), words TEXT)")
        }
        for value in Self.values {
            let column: SQL = if case .text = value { "words" } else { "number" }
            let found: [Value] = try database.store.write { tx in
                try tx.run("DELETE FROM things")
                try tx.run("INSERT INTO things (\(column)) VALUES (\(value))")
                return try tx.all("SELECT \(column) AS value FROM things") { try $0["value"] }
            }
            #expect(found == [value])
        }
    }

    /// The type of a parameter does not depend on its first value.
    @Test(arguments: ConformingEngine.allCases)
    func nullMayComeFirst(engine: ConformingEngine) throws {
        let database = try ConformingDatabase(on: engine)
        let values: [Value] = [.null, .integer(5_000_000_000), .null, .integer(-1)]
        let found: [Value] = try database.store.write { tx in
            try values.map { value in
                let row = try tx.first("SELECT 1 + COALESCE(\(value), 0) AS sum")
                return try #require(row)["sum"]
            }
        }
        #expect(found == [.integer(1), .integer(5_000_000_001), .integer(1), .integer(0)])
    }

    @Test(arguments: ConformingEngine.allCases)
    func streamsManyRows(engine: ConformingEngine) throws {
        let database = try ConformingDatabase.ofPens(on: engine)
        try database.store.write { tx in
            for stock in 0..<2500 as Range<Int64> {
                try tx.later("INSERT INTO pens (stock) VALUES (\(stock))")
            }
        }
        let wanted: Int64 = 5
        try database.store.read { tx in
            var sum: Int64 = 0
            try tx.stream("SELECT stock FROM pens WHERE stock >= \(wanted) ORDER BY id") { row in
                sum += try row["stock"]
                guard sum == 5 else { return true }
                // Another stream inside, and another statement.
                var inner = 0
                try tx.stream("SELECT id FROM pens") { _ in
                    inner += 1
                    return inner < 1500
                }
                #expect(inner == 1500)
                #expect(try tx.first("SELECT COUNT(*) AS n FROM pens")?["n"] == Int64(2500))
                return true
            }
            #expect(sum == 2499 * 2500 / 2 - 10)
        }
    }
}
