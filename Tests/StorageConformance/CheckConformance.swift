import Storage
import Testing
import Values

/// A CHECK of a migration, whichever way the engine stores it.
@Suite struct CheckConformance {
    private let now = Instant(milliseconds: 1_700_000_000_000)
    private let first = Migration(
        "lamps/1",
        [
            """
            CREATE TABLE lamps (
                id \(.identity),
                kind TEXT NOT NULL DEFAULT 'kind'
                    CONSTRAINT lamps_kind CHECK (kind = 'kind' OR kind = 'it''s "kind"'),
                text TEXT CONSTRAINT lamps_text CHECK (length(text) < 5 AND text <> 'x'),
                length \(.int64) CONSTRAINT lamps_length CHECK (length BETWEEN 1 AND 3)
                    CONSTRAINT lamps_length_not_two CHECK (length <> 2),
                price \(.int64) NOT NULL CONSTRAINT lamps_price CHECK (price >= 0),
                paid \(.int64) NOT NULL DEFAULT 0
                    CONSTRAINT lamps_paid CHECK (paid BETWEEN 0 AND price)
            ) \(.strict)
            """,
            "CREATE INDEX lamps_of_kind ON lamps (price, id) WHERE kind = 'kind'",
            "INSERT INTO lamps (id, kind, text, length, price) VALUES (1, 'kind', 'a', 3, 5)",
        ])
    /// SQLite cannot change a CHECK, so the table is made anew.
    private let second = Migration(
        "lamps/2",
        [
            """
            CREATE TABLE new_lamps (
                id \(.identity),
                kind TEXT NOT NULL CONSTRAINT lamps_kind CHECK (kind = 'kind' OR kind = 'new'),
                text TEXT,
                length \(.int64) CONSTRAINT lamps_length CHECK (length BETWEEN 1 AND 9),
                price \(.int64) NOT NULL CONSTRAINT lamps_price CHECK (price >= 0)
            ) \(.strict)
            """,
            """
            INSERT INTO new_lamps (id, kind, text, length, price)
            SELECT id, kind, text, length, price FROM lamps
            """,
            "DROP TABLE lamps",
            "ALTER TABLE new_lamps RENAME TO lamps",
        ])

    private let broken: [(set: SQL, name: String)] = [
        ("kind = 'lamp'", "lamps_kind"), ("text = 'lamps'", "lamps_text"),
        ("text = 'x'", "lamps_text"), ("length = 4", "lamps_length"),
        ("length = 2", "lamps_length_not_two"), ("price = price - 6", "lamps_price"),
        ("paid = 6", "lamps_paid"), ("kind = NULL", "lamps_kind_not_null"),
    ]

    @Test(arguments: ConformingEngine.allCases)
    func isKeptByName(engine: ConformingEngine) throws {
        let database = try ConformingDatabase(on: engine)
        let store = database.store
        try [first].migrate(store, at: now)
        for (set, name) in broken {
            #expect(throws: StoreError.constraint(name)) {
                try store.write { try $0.run("UPDATE lamps SET \(set)") }
            }
        }
        #expect(throws: StoreError.constraint("lamps_price")) {
            try store.write { tx in try tx.run("INSERT INTO lamps (price) VALUES (\(-1 as Int64))")
            }
        }
        for set: SQL in ["kind = 'it''s \"kind\"'", "length = NULL, text = NULL", "paid = 5"] {
            #expect(try store.write { try $0.run("UPDATE lamps SET \(set)") } == 1)
        }
        #expect(try store.number("SELECT price * 2 + paid AS n FROM lamps") == 15)
    }

    @Test(arguments: ConformingEngine.allCases)
    func followsALaterMigration(engine: ConformingEngine) throws {
        let database = try ConformingDatabase(on: engine)
        let store = database.store
        try [first].migrate(store, at: now)
        try [first, second].migrate(store, at: now)
        #expect(
            try store.write { try $0.run("UPDATE lamps SET kind = 'new', text = 'x', length = 9") }
                == 1)
        #expect(throws: StoreError.constraint("lamps_kind")) {
            try store.write { try $0.run("UPDATE lamps SET kind = 'it''s \"kind\"'") }
        }
        try expectTheSchema(of: [first, second], in: store)
        try [first, second].migrate(store, at: now)
        try expectTheSchema(of: [first, second], in: store)
    }

    private func expectTheSchema(of migrations: [Migration], in store: any Engine) throws {
        let faults = try store.read { try store.schemaFaults(in: $0, against: migrations) }
        #expect(faults == [])
    }
}
