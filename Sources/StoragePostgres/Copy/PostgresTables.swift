public import Storage

extension PostgresStore {
    /// The tables in the order of their creation.
    ///
    /// Generated columns hold no data of their own.
    public func dataTables(in tx: any Transaction) throws -> [DataTable] {
        let rows: [(String, String)] = try tx.all(
            """
            SELECT pg_class.relname AS table_name, pg_attribute.attname AS column_name
            FROM pg_class JOIN pg_attribute ON pg_attribute.attrelid = pg_class.oid
            WHERE pg_class.relkind = 'r' AND pg_class.relnamespace = 'public'::regnamespace
                AND pg_class.relname <> 'schema_migrations' AND pg_attribute.attnum > 0
                AND NOT pg_attribute.attisdropped AND pg_attribute.attgenerated = ''
            ORDER BY pg_class.oid, pg_attribute.attnum
            """
        ) { (try $0["table_name"], try $0["column_name"]) }
        var tables: [(name: String, columns: [String])] = []
        for (table, column) in rows {
            if tables.last?.name != table { tables.append((table, [])) }
            tables[tables.count - 1].columns.append(column)
        }
        return tables.map { DataTable($0.name, columns: $0.columns) }
    }

    /// Reads through a cursor.
    public func readRows(
        of table: DataTable, in tx: any Transaction, _ visit: ([Value]) throws -> Void
    ) throws {
        let query = "SELECT \(table.columnList) FROM \(table.name)"
        try transaction(of: tx).stream(query, []) {
            try visit($0.allValues)
            return true
        }
    }

    /// Sends the rows by COPY in the text format.
    ///
    /// https://www.postgresql.org/docs/15/sql-copy.html
    public func loadRows(
        into table: DataTable, in tx: any Transaction,
        _ body: (_ add: ([Value]) throws -> Void) throws -> Void
    ) throws {
        let transaction = try transaction(of: tx)
        try transaction.perform(.once("DELETE FROM \(table.name)", []))
        try transaction.copyIn("COPY \(table.name) (\(table.columnList)) FROM STDIN", body)
    }

    /// The counters of all numbered tables.
    public func lastNumbers(in tx: any Transaction) throws -> [String: Int64] {
        let rows: [(String, Int64)] = try tx.all(
            """
            SELECT table_name, pg_sequence_last_value(
                pg_get_serial_sequence(table_name, column_name)::regclass) AS last
            FROM information_schema.columns
            WHERE table_schema = 'public' AND is_identity = 'YES'
                AND pg_sequence_last_value(
                    pg_get_serial_sequence(table_name, column_name)::regclass) IS NOT NULL
            """
        ) { (try $0["table_name"], try $0["last"]) }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    /// Sets the counter of each numbered table, at least to its highest number.
    public func setLastNumbers(_ numbers: [String: Int64], in tx: any Transaction) throws {
        let transaction = try transaction(of: tx)
        let tables: [String] = try tx.all(
            """
            SELECT table_name FROM information_schema.columns
            WHERE table_schema = 'public' AND is_identity = 'YES' AND column_name = 'id'
            """
        ) { try $0["table_name"] }
        for table in tables {
            try transaction.perform(
                .once(
                    """
                    SELECT setval(pg_get_serial_sequence('\(table)', 'id'), last) FROM (
                        SELECT GREATEST(MAX(id), $1) AS last FROM \(table)
                    ) AS numbers WHERE last > 0
                    """, [.integer(numbers[table] ?? 0)]))
        }
    }

    private func transaction(of tx: any Transaction) throws -> PostgresTransaction {
        guard let transaction = tx as? PostgresTransaction else {
            throw StoreError.misuse("The transaction belongs to another store.")
        }
        return transaction
    }
}

extension DataTable {
    fileprivate var columnList: String { columns.joined(separator: ", ") }
}
