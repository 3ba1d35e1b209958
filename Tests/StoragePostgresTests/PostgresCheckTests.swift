import PostgresFixture
import Storage
import StoragePostgres
import Synchronization
import Testing

@Suite struct PostgresCheckTests {
    private static let countPens: @Sendable (any Transaction) throws -> Int64 = {
        try $0.first("SELECT COUNT(*) AS n FROM pens")?["n"] ?? -1
    }

    @Test func allReadOneSnapshotWhileAnotherStoreWrites() throws {
        let pens = try PostgresPens()
        let store = pens.store
        let bodies = Array(repeating: Self.countPens, count: 40)
        for round in 0..<5 {
            let isOver = Atomic(false)
            let counts = Mutex<[[Int64]]>([])
            onThreads(2) { number in
                do {
                    guard number == 0 else {
                        while !isOver.load(ordering: .relaxed) {
                            try store.write { try $0.run("INSERT INTO pens (stock) VALUES (1)") }
                        }
                        return
                    }
                    defer { isOver.store(true, ordering: .relaxed) }
                    let found = try store.readTogether(bodies, atOnce: 4) { _ in }
                    counts.withLock { $0.append(found) }
                } catch {
                    Issue.record(error)
                }
            }
            let found = counts.withLock { $0 }
            #expect(
                found.count == 1 && found[0].count == 40 && Set(found[0]).count == 1, "\(round)")
        }
    }

    @Test func resultsAreInTheOrderOfTheirBodies() throws {
        let pens = try PostgresPens()
        let seen = Mutex<[Int]>([])
        let bodies = (0..<20).map { number in { @Sendable (_: any Transaction) in number } }
        let found = try pens.store.readTogether(bodies, atOnce: 3) { done in
            seen.withLock { $0.append(done) }
        }
        #expect(found == Array(0..<20))
        #expect(seen.withLock { $0 } == Array(1...20))
    }

    /// A body that has ended with an error leaves the others their transactions.
    @Test func anErrorIsThrownAndTheRestSkipped() throws {
        let pens = try PostgresPens()
        let ran = Atomic(0)
        let bodies: [@Sendable (any Transaction) throws -> Int] = (0..<50).map { number in
            { tx in
                ran.add(1, ordering: .relaxed)
                if number == 2 { _ = try? tx.run("SELECT 1 / 0 AS n") }
                if number == 3 { throw StoreError.unavailable("no more") }
                return number
            }
        }
        #expect(throws: StoreError.unavailable("no more")) {
            try pens.store.readTogether(bodies, atOnce: 1) { _ in }
        }
        #expect(ran.load(ordering: .relaxed) == 4)
    }

    static let rows: [(rows: SQL, cancels: Bool)] = [
        ("VALUES (1, 'a', 5, 0), (1, 'a', -5, 0)", true),
        (
            """
            VALUES (1, 'a', 5, 7), (2, 'a', 6, -9), (2, 'a', -6, 9), (1, 'a', -2, -7),
            (1, 'a', -3, 0)
            """, true
        ),
        ("VALUES (1, NULL, 5, 0), (1, NULL, -5, 0)", true),
        ("VALUES (1, 'a', 1000000000000000, 0), (1, 'a', -1000000000000000, 0)", true),
        ("SELECT 1, 'a', 0, 0 WHERE 1 = 0", true),
        ("VALUES (1, 'a', 5, 0), (2, 'a', -5, 0)", false),
        ("VALUES (1, 'a', 5, 0), (1, 'b', -5, 0)", false),
        ("VALUES (1, 'eight letters', 5, 0), (1, 'eight letterz', -5, 0)", false),
        ("VALUES (1, NULL, 5, 0), (1, '', -5, 0)", false),
        ("VALUES (1, 'a', 5, 0), (1, 'a', 0, -5)", false),
        ("VALUES (1, 'a', 5, 0), (1, 'a', -4, 0)", false),
        ("VALUES (1, 'a', 1, 0), (2, 'a', -2, 0), (3, 'a', 1, 0)", false),
        ("VALUES (1, 'a', 1125899906842624, 0), (2, 'a', -1125899906842624, 0)", false),
    ]

    /// `weight` is 0 only for values that cancel out, by key and by sum.
    @Test(arguments: rows) func weighs(rows: SQL, cancels: Bool) throws {
        let pens = try PostgresPens()
        let weight: SQL = SQL(weight: ["first", "second"], of: "number, name")
        let found: Int64? = try pens.store.read {
            try $0.first(
                """
                WITH entry (number, name, first, second) AS (\(rows))
                SELECT \(weight) AS weight FROM entry
                """)?["weight"]
        }
        #expect((found == 0) == cancels, "\(String(describing: found))")
    }

    static let sums: [(rows: SQL, sum: Int64?)] = [
        ("SELECT 1 WHERE 1 = 0", nil),
        ("VALUES (NULL::bigint)", nil),
        ("VALUES (3), (NULL), (-5)", -2),
        ("VALUES (9223372036854775807), (1)", .max),
        ("VALUES (9223372036854775807), (1), (-1)", .max),
        ("VALUES (-9223372036854775807), (-1)", .min),
        ("VALUES (-9223372036854775807), (-9)", .min),
    ]

    @Test(arguments: sums) func sumsStayWithinTheirBounds(rows: SQL, sum: Int64?) throws {
        let pens = try PostgresPens()
        let total: SQL = SQL(sum: "x")
        let totals: [Value] = try pens.store.read {
            try $0.all("WITH entry (x) AS (\(rows)) SELECT \(total) AS total FROM entry") {
                try $0["total"]
            }
        }
        #expect(totals == [sum.stored])
    }

    @Test func knowsTheRowBeforeByKey() throws {
        let pens = try PostgresPens()
        try pens.store.write {
            try $0.run(
                """
                INSERT INTO pens (id, name, stock)
                VALUES (1, 'a', 3), (2, 'b', 7), (3, 'a2', 4), (4, 'b2', 9)
                """)
        }
        let found: [Int64] = try pens.store.read {
            try $0.all(
                """
                SELECT \(.previous("pens", key: "id % 2", value: "stock")) AS before
                FROM pens ORDER BY id
                """
            ) { try $0["before"] }
        }
        #expect(found == [0, 0, 3, 7])
    }

    @Test func aSoundDatabaseBreaksNoRule() throws {
        let pens = try PostgresPens()
        let server = pens.database.server
        try server.execute("CREATE EXTENSION amcheck", in: pens.database.name)
        let rules = pens.store.integrity
        #expect(rules.count == 4)
        for rule in rules {
            #expect(try pens.store.read { try rule.find($0) } == [], "\(rule.sentence)")
        }
        try server.execute(
            """
            ALTER TABLE pens ADD CONSTRAINT small CHECK (stock < 10) NOT VALID;
            ALTER TABLE pens ADD COLUMN colour TEXT COLLATE "en-US-x-icu";
            UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'pens_name_key'::regclass
            """, in: pens.database.name)
        let found = try rules.dropFirst().flatMap { rule in
            try pens.store.read { try rule.find($0) }
        }
        #expect(found == ["index pens_name_key", "constraint small", "column pens.colour"])
    }

    @Test func comparesTheSchemaWithItsMigrations() throws {
        let pens = try PostgresPens()
        let store = pens.store
        let migrations = [
            Migration(
                "pens/1",
                [
                    """
                    CREATE TABLE pens (
                        id \(.identity),
                        name TEXT UNIQUE,
                        stock \(.int64) NOT NULL DEFAULT 0,
                        CONSTRAINT stock_not_negative CHECK (stock >= 0)
                    )
                    """
                ]),
            Migration(
                "pens/2",
                [
                    """
                    CREATE TABLE caps (id \(.serial), pen_id \(.int64) NOT NULL REFERENCES pens (id))
                    """,
                    "CREATE INDEX caps_by_pen ON caps (pen_id) WHERE pen_id > 1",
                    "\(.create(PostgresSearchTests.index))",
                ]),
        ]
        let faults = { try store.read { try store.schemaFaults(in: $0, against: migrations) } }
        #expect(try faults().contains("table caps is missing"))
        try store.write { tx in
            try tx.run(Migration.table)
            for sql in migrations[1].statements { try tx.run(sql) }
        }
        #expect(try faults() == [])
        #expect(try store.tables() == ["caps", "notes", "pens", "schema_migrations"])
        try pens.database.server.execute(
            """
            DROP INDEX caps_by_pen;
            ALTER TABLE pens DROP CONSTRAINT stock_not_negative;
            ALTER TABLE pens ALTER COLUMN stock DROP DEFAULT;
            CREATE TABLE foreign_table (id int);
            """, in: pens.database.name)
        #expect(
            try faults() == [
                "index caps_by_pen is missing", "table foreign_table is not part of the schema",
                "column foreign_table.id is not part of the schema", "column pens.stock differs",
                "constraint pens.stock_not_negative is missing",
            ])
    }

    @Test func showsTheQueryPlan() throws {
        let pens = try PostgresPens()
        let id: Int64 = 1
        #expect(
            try pens.store.queryPlan(of: "SELECT id FROM pens WHERE id = \(id)").first
                == "Index Only Scan using pens_pkey on pens")
        #expect(
            try pens.store.queryPlan(of: "UPDATE pens SET stock = 0 WHERE stock = \(id)").contains {
                $0.contains("Seq Scan on pens")
            })
        #expect(throws: StoreError.self) { try pens.store.queryPlan(of: "SELECT nothing") }
    }
}
