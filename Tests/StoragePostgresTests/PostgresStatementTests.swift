import PostgresFixture
import Storage
import StoragePostgres
import Testing

@Suite struct PostgresStatementTests {
    private let rows: SQL = "SELECT id, stock FROM pens ORDER BY id"
    private struct Enough: Error {}

    private func tenPens() throws -> PostgresPens {
        let pens = try PostgresPens()
        try pens.store.write { tx in
            for id in 1...10 as ClosedRange<Int64> {
                try tx.run("INSERT INTO pens (id) VALUES (\(id))")
            }
            try tx.numbered("pens")
        }
        return pens
    }

    @Test func theSameTextInsideItsOwnVisit() throws {
        let pens = try tenPens()
        let pairs = try pens.store.read { tx in
            try tx.all(rows) { _ in try tx.all(rows) { try $0["id"] as Int64 }.count }
        }
        #expect(pairs == Array(repeating: 10, count: 10))
    }

    @Test func aVisitMayStopEarlyOrThrow() throws {
        let pens = try tenPens()
        try pens.store.read { tx throws in
            for _ in 1...3 {
                #expect(try tx.first(rows)?["id"] == Int64(1))
                #expect(throws: Enough.self) { try tx.each(rows) { _ in throw Enough() } }
                #expect(try tx.all(rows) { try $0["id"] as Int64 } == Array(1...10))
            }
        }
    }

    @Test func countsWhatItChanged() throws {
        let pens = try tenPens()
        try pens.store.write { tx throws in
            #expect(try tx.run("UPDATE pens SET stock = 5 WHERE id <= 3") == 3)
            #expect(try tx.run("UPDATE pens SET stock = 5 WHERE id > 10") == 0)
            #expect(try tx.run(rows) == 0)
            #expect(try tx.run("CREATE TABLE other (id \(.identity))") == 0)
            #expect(try tx.each("DELETE FROM pens WHERE id > 6 RETURNING id") { _ in false } == 4)
        }
    }

    @Test(arguments: ["", "SELECT 1; SELECT 2", "SELEC 1"] as [SQL])
    func textThatIsNotOneStatementIsRejected(sql: SQL) throws {
        let pens = try PostgresPens()
        let failure = #expect(throws: StoreError.self) { try pens.store.read { try $0.run(sql) } }
        guard case .engine(_, _, sql.template) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test func aMissingTableIsNamed() throws {
        let pens = try PostgresPens()
        #expect(throws: StoreError.noTable("nothing")) {
            try pens.store.read { try $0.run("SELECT id FROM nothing") }
        }
    }

    @Test(
        arguments: [
            "COMMIT", "ROLLBACK", "SAVEPOINT a", "RELEASE job", "BEGIN", "start transaction",
            "SET search_path = public", "DEALLOCATE ALL", "COPY pens TO STDOUT",
        ] as [SQL])
    func aBodyCannotEndItsTransaction(sql: SQL) throws {
        let pens = try PostgresPens()
        #expect(throws: StoreError.self) {
            try pens.store.write { tx in
                try tx.run("INSERT INTO pens (name) VALUES ('a')")
                try tx.run(sql)
            }
        }
        #expect(try pens.store.pens == 0)
    }

    @Test(
        arguments: [
            "INSERT INTO pens (name) VALUES ('a')", "UPDATE pens SET stock = 1", "DELETE FROM pens",
            "DROP TABLE pens", "COMMIT", "SELECT nextval('pens_id_seq') AS n",
        ] as [SQL])
    func aReadCannotWrite(sql: SQL) throws {
        let pens = try PostgresPens()
        let failure = #expect(throws: StoreError.self) { try pens.store.read { try $0.run(sql) } }
        guard case .engine = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(try pens.store.pens == 0)
    }

    @Test func aConnectionCachesABoundedNumber() throws {
        let pens = try PostgresPens(connectionsMax: 1, statementsMax: 5)
        for _ in 0..<3 {
            try pens.store.write { tx in
                for depth in 0..<20 {
                    #expect(try tx.first(SQL.nested(depth))?["n"] == Int64(1))
                    // The text counts itself and what has been prepared before it.
                    let kept: Int64? = try tx.first(
                        "SELECT COUNT(*) AS n FROM pg_prepared_statements")?["n"]
                    #expect(try #require(kept) <= 7)
                }
            }
        }
        let statements: Int64? = try pens.store.number(
            "SELECT COUNT(*) AS n FROM pg_prepared_statements")
        #expect(try #require(statements) <= 6)
    }

    /// A failed statement takes the preparation of the ones after it along.
    @Test func aFailedPreparationIsRepeated() throws {
        let pens = try PostgresPens(connectionsMax: 1)
        for isBroken in [true, true, false, true, false] {
            let taken = isBroken ? "1" : "0"
            try? pens.store.write { tx in
                try tx.later("SELECT 1 / (1 - \(taken)::bigint) AS n")
                try tx.run("INSERT INTO pens (name) VALUES (\(taken))")
                try tx.run("DELETE FROM pens")
            }
        }
        #expect(try pens.store.pens == 0)
        try pens.store.write { try $0.run("INSERT INTO pens (name) VALUES (\("a"))") }
        #expect(try pens.store.pens == 1)
    }

    /// Another process changes a table between two uses of a statement.
    @Test func aChangedTableIsReadAnew() throws {
        let pens = try tenPens()
        let store = pens.store
        let all: SQL = "SELECT * FROM pens ORDER BY id"
        #expect(try store.read { try $0.all(all) { try $0["id"] as Int64 } }.count == 10)
        try pens.database.server.execute(
            "ALTER TABLE pens ADD COLUMN colour TEXT DEFAULT 'red'", in: pens.database.name)
        #expect(
            try store.read { try $0.first(all)?["colour"] as String? } == "red")
        try pens.database.server.execute(
            "ALTER TABLE pens DROP COLUMN colour", in: pens.database.name)
        let found = try store.write { try $0.first(all)?["stock"] as Int64? }
        #expect(found == 0)
    }

    @Test func streamsManyRows() throws {
        let pens = try tenPens()
        try pens.store.write {
            try $0.run(
                "INSERT INTO pens (stock) SELECT n FROM generate_series(1, 2500) AS n")
        }
        let wanted: Int64 = 5
        try pens.store.read { tx in
            var sum: Int64 = 0
            try tx.stream("SELECT stock FROM pens WHERE stock >= \(wanted) ORDER BY id") { row in
                sum += try row["stock"]
                if sum == 5 {
                    // Another stream inside, and another statement.
                    var inner = 0
                    try tx.stream("SELECT id FROM pens") { _ in
                        inner += 1
                        return inner < 1500
                    }
                    #expect(inner == 1500)
                    #expect(try tx.first("SELECT COUNT(*) AS n FROM pens")?["n"] == Int64(2510))
                }
                return true
            }
            #expect(sum == 2500 * 2501 / 2 - 10)
        }
        #expect(try pens.store.pens == 2510)
    }
}

extension SQL {
    /// A different text for each depth.
    fileprivate static func nested(_ depth: Int) -> SQL {
        depth == 0 ? "SELECT 1::bigint AS n" : "SELECT n FROM (\(nested(depth - 1))) AS t"
    }
}
