import Storage
import StorageSQLite
import Testing

@Suite struct ConstraintTests {
    private static let tables: [SQL] = [
        """
        CREATE TABLE customers (
            id \(.identity),
            username TEXT NOT NULL UNIQUE,
            age BIGINT,
            CONSTRAINT age_is_human CHECK (age BETWEEN 1 AND 150)
        )
        """,
        """
        CREATE TABLE reviews (
            customer_id BIGINT REFERENCES customers (id),
            product_id BIGINT,
            UNIQUE (customer_id, product_id)
        )
        """,
        "CREATE TABLE keys (key TEXT PRIMARY KEY, owner BIGINT)",
        "CREATE TABLE wishes (who BIGINT, what BIGINT, PRIMARY KEY (who, what))",
        "CREATE TABLE tags (name TEXT)",
        "CREATE UNIQUE INDEX tags_lower_name_key ON tags (lower(name))",
        """
        CREATE TRIGGER keys_stay BEFORE DELETE ON keys
        BEGIN SELECT RAISE(ABORT, 'keys_are_append_only'); END
        """,
        "INSERT INTO customers (id, username) VALUES (1, 'ada')",
        "INSERT INTO reviews VALUES (1, 1)",
        "INSERT INTO keys VALUES ('k', 1)",
        "INSERT INTO wishes VALUES (1, 1)",
        "INSERT INTO tags VALUES ('blue')",
    ]

    @Test(
        arguments: [
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
            ("DELETE FROM keys", "keys_are_append_only"),
        ] as [(SQL, String)])
    func failsByName(sql: SQL, name: String) throws {
        let folder = try Folder()
        let store = try folder.store()
        try store.write { tx in
            for table in ConstraintTests.tables { try tx.run(table) }
        }
        #expect(throws: StoreError.constraint(name)) {
            try store.write { tx in _ = try tx.first(sql) }
        }
    }
}
