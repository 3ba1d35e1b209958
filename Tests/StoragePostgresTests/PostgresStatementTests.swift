import PostgresFixture
import Storage
import StoragePostgres
import Testing

@Suite struct PostgresStatementTests {
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

    @Test func aMissingTableIsNamed() throws {
        let pens = try PostgresPens()
        #expect(throws: StoreError.noTable("nothing")) {
            try pens.store.read { try $0.run("SELECT id FROM nothing") }
        }
    }

    @Test(
        arguments: [
            "start transaction", "SET search_path = public", "DEALLOCATE ALL",
            "COPY pens TO STDOUT",
        ] as [SQL])
    func aBodyCannotChangeItsSession(sql: SQL) throws {
        let pens = try PostgresPens()
        #expect(throws: StoreError.self) {
            try pens.store.write { tx in
                try tx.run("INSERT INTO pens (name) VALUES ('a')")
                try tx.run(sql)
            }
        }
        #expect(try pens.store.pens == 0)
    }

    @Test func aReadCannotTakeANumber() throws {
        let pens = try PostgresPens()
        #expect(throws: StoreError.self) {
            try pens.store.read { try $0.run("SELECT nextval('pens_id_seq') AS n") }
        }
    }

    /// A connection plans a statement once, so the plan must suit the table that it becomes.
    @Test func aPlanForAnEmptyTableReadsNoLargeOne() throws {
        let pens = try PostgresPens(connectionsMax: 1)
        try pens.database.server.execute("ANALYZE pens", in: pens.database.name)
        let rows = try pens.store.write { tx -> Int64? in
            func find() throws { _ = try tx.first("SELECT name FROM pens WHERE id = 7") }
            try find()
            try tx.run(
                "INSERT INTO pens (name) SELECT 'pen ' || n FROM generate_series(1, 5000) AS n")
            try find()
            return try tx.first(
                "SELECT pg_stat_get_xact_tuples_returned(CAST('pens' AS regclass)) AS n")?["n"]
        }
        #expect(rows == 0)
    }

    /// Starting a process for a part of a read takes longer than the read.
    @Test func aReadHasNoParallelWorkers() throws {
        let pens = try PostgresPens()
        let workers: String? = try pens.store.read {
            try $0.first("SELECT current_setting('max_parallel_workers_per_gather') AS n")?["n"]
        }
        #expect(workers == "0")
    }

    /// The result of a statement whose transaction failed belongs to no other.
    @Test func anAnnouncementEndsWithItsTransaction() throws {
        let pens = try PostgresPens(connectionsMax: 1)
        try pens.store.write { try $0.run("INSERT INTO pens (name, stock) VALUES ('a', 1)") }
        func stock(_ name: String) -> SQL { "SELECT stock FROM pens WHERE name = \(name)" }
        #expect(throws: StoreError.self) {
            try pens.store.read { tx in
                tx.announce(stock("a"))
                tx.announce(stock("\0"))
                try tx.run("SELECT 1 AS n")
            }
        }
        let found = try pens.store.read { tx -> Bool in
            tx.announce(stock("b"))
            try tx.run("SELECT 1 AS n")
            return try tx.first(stock("b")) != nil
        }
        #expect(!found)
    }

    /// Nobody would know whether it changed a row.
    @Test func anAnnouncedChangeMustBeMade() throws {
        let pens = try tenPens()
        #expect(throws: StoreError.self) {
            try pens.store.write { tx in
                tx.announce("UPDATE pens SET stock = 1 WHERE id = 1", returning: "stock")
                _ = try tx.first("SELECT stock FROM pens WHERE id = 2")
            }
        }
        let changed: Int64? = try pens.store.read {
            try $0.first("SELECT COUNT(*) AS n FROM pens WHERE stock = 1")?["n"]
        }
        #expect(changed == 0)
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

    /// The SQLSTATE is that of a changed table, so the statement is sent once more, and no more.
    @Test func anUnsupportedStatementFailsAtOnce() throws {
        let pens = try tenPens()
        let expected = "FOR UPDATE is not allowed with aggregate functions"
        for number in 1...2 {
            let error = #expect(throws: StoreError.self) {
                try pens.store.read {
                    try $0.run("SELECT COUNT(*) AS n FROM pens FOR UPDATE")
                }
            }
            #expect(error.map { "\($0)".contains(expected) } == true, "\(number)")
        }
        let opened = pens.store.metrics.first {
            $0.name == "souk_postgres_connects_total"
        }
        let count = try #require(opened?.samples.first.flatMap { Int($0.value) })
        #expect((1...5).contains(count))
    }
}

extension SQL {
    /// A different text for each depth.
    fileprivate static func nested(_ depth: Int) -> SQL {
        depth == 0 ? "SELECT 1::bigint AS n" : "SELECT n FROM (\(nested(depth - 1))) AS t"
    }
}
