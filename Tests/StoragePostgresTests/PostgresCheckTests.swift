import PostgresFixture
import Storage
import StoragePostgres
import Testing

@Suite struct PostgresCheckTests {
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

    private static let migrations = [
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

    @Test func comparesTheSchemaWithItsMigrations() throws {
        let pens = try PostgresPens()
        let store = pens.store
        let faults = { try store.read { try store.schemaFaults(in: $0, against: Self.migrations) } }
        #expect(try faults().contains("table caps is missing"))
        try store.write { tx in
            try tx.run(Migration.table)
            for sql in Self.migrations[1].statements { try tx.run(sql) }
            try tx.finishSchema()
        }
        #expect(try faults() == [])
        #expect(try store.tables() == ["caps", "notes", "pens", "schema_migrations"])
        // A CHECK of one column is a domain.
        let type = try store.read { tx in
            try tx.first(
                """
                SELECT 'pens_stock'::regtype::oid = atttypid AS same FROM pg_attribute
                WHERE attname = 'stock'
                """)
        }
        #expect(try type?["same"] == true)
        try pens.database.server.execute(
            """
            DROP INDEX caps_by_pen;
            ALTER DOMAIN pens_stock DROP CONSTRAINT stock_not_negative;
            ALTER TABLE pens ALTER COLUMN stock DROP DEFAULT;
            CREATE TABLE foreign_table (id int);
            """, in: pens.database.name)
        #expect(
            try faults() == [
                "index caps_by_pen is missing", "table foreign_table is not part of the schema",
                "column foreign_table.id is not part of the schema", "column pens.stock differs",
                "type pens_stock differs",
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
    }
}
