import Storage
import Testing

@Suite struct ConstraintConformance {
    private static let tables: [SQL] = [
        """
        CREATE TABLE customers (
            id \(.identity),
            username TEXT NOT NULL UNIQUE,
            age \(.int64),
            CONSTRAINT age_is_human CHECK (age BETWEEN 1 AND 150)
        ) \(.strict)
        """,
        """
        CREATE TABLE reviews (
            customer_id \(.int64) REFERENCES customers (id),
            product_id \(.int64),
            UNIQUE (customer_id, product_id)
        ) \(.strict)
        """,
        "CREATE TABLE keys (key TEXT PRIMARY KEY, owner \(.int64)) \(.keyed)",
        "CREATE TABLE wishes (who \(.int64), what \(.int64), PRIMARY KEY (who, what)) \(.keyed)",
        "CREATE TABLE tags (name TEXT)",
        "CREATE UNIQUE INDEX tags_lower_name_key ON tags (lower(name))",
        "INSERT INTO customers (id, username) VALUES (1, 'ada')",
        "INSERT INTO reviews VALUES (1, 1)",
        "INSERT INTO keys VALUES ('k', 1)",
        "INSERT INTO wishes VALUES (1, 1)",
        "INSERT INTO tags VALUES ('blue')",
    ]

    private static let failures: [(sql: SQL, name: String)] = [
        ("INSERT INTO customers (username, age) VALUES ('bob', 0)", "age_is_human"),
        ("INSERT INTO customers (username) VALUES ('ada')", "customers_username_key"),
        ("INSERT INTO tags VALUES ('BLUE')", "tags_lower_name_key"),
        ("INSERT INTO customers (username) VALUES (NULL)", "customers_username_not_null"),
        ("INSERT INTO customers (id, username) VALUES (1, 'bob')", "customers_pkey"),
        ("INSERT INTO reviews VALUES (1, 1)", "reviews_customer_id_product_id_key"),
        ("INSERT INTO reviews VALUES (2, 1)", "foreign_key"),
        ("INSERT INTO reviews VALUES (2, 1) RETURNING product_id", "foreign_key"),
        ("DELETE FROM customers WHERE id = 1", "foreign_key"),
        ("INSERT INTO keys VALUES ('k', 2)", "keys_pkey"),
        ("INSERT INTO wishes VALUES (1, 1)", "wishes_pkey"),
    ]

    @Test(arguments: ConformingEngine.allCases) func failsByName(engine: ConformingEngine) throws {
        let database = try ConformingDatabase(on: engine)
        try database.store.write { tx in
            for table in Self.tables { try tx.run(table) }
        }
        for (sql, name) in Self.failures {
            #expect(throws: StoreError.constraint(name)) {
                try database.store.write { tx in _ = try tx.first(sql) }
            }
        }
    }

    /// A column rejects values of another type, and sums that are no longer integers.
    @Test(arguments: ConformingEngine.allCases, [SQL.Dialect.strict, .keyed])
    func aColumnHoldsItsTypeOnly(engine: ConformingEngine, kind: SQL.Dialect) throws {
        let database = try ConformingDatabase(on: engine)
        let store = database.store
        try store.write { tx in
            try tx.run("CREATE TABLE sums (id \(.int64) PRIMARY KEY, total \(.int64)) \(kind)")
            try tx.run("INSERT INTO sums (id, total) VALUES (1, 9223372036854775807)")
        }
        for sql in ["UPDATE sums SET total = total + 1", "UPDATE sums SET total = 'x'"] as [SQL] {
            #expect(throws: StoreError.self) { try store.write { try $0.run(sql) } }
        }
        #expect(try store.number("SELECT total AS n FROM sums") == .max)
    }

    /// Ids that clients know are never reused.
    @Test(arguments: ConformingEngine.allCases)
    func numbersRowsOnce(engine: ConformingEngine) throws {
        let database = try ConformingDatabase(on: engine)
        let number = try database.store.write { tx in
            try tx.run("CREATE TABLE people (id \(.identity), name TEXT)")
            for name in ["ada", "ben"] {
                _ = try tx.insert("INSERT INTO people (name) VALUES (\(name))")
            }
            try tx.run("DELETE FROM people WHERE name = 'ben'")
            return try tx.insert("INSERT INTO people (name) VALUES ('zoe')")
        }
        #expect(number == 3)
    }
}
