import PostgresFixture
import Storage
import StoragePostgres
import Testing

@Suite struct PostgresConstraintTests {
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
        "CREATE TABLE tags (name TEXT)",
        "CREATE UNIQUE INDEX tags_lower_name_key ON tags (lower(name))",
        "INSERT INTO customers (id, username) VALUES (1, 'ada')",
        "INSERT INTO reviews VALUES (1, 1)",
        "INSERT INTO keys VALUES ('k', 1)",
        "INSERT INTO tags VALUES ('blue')",
    ]

    @Test func failsByName() throws {
        let pens = try PostgresPens()
        try pens.store.write { tx in
            for table in PostgresConstraintTests.tables { try tx.run(table) }
        }
        let cases: [(SQL, String)] = [
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
        ]
        for (sql, name) in cases {
            #expect(throws: StoreError.constraint(name)) {
                try pens.store.write { tx in _ = try tx.first(sql) }
            }
        }
    }

    /// The table is made by an INSERT with explicit numbers, as a migration does.
    @Test func numbersContinueAfterExplicitOnes() throws {
        let pens = try PostgresPens()
        let store = pens.store
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
