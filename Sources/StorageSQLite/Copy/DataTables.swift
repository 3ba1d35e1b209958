public import Storage

extension SQLiteStore {
    /// The tables in the order of their creation; a full-text index counts as one table.
    public func dataTables(in tx: any Transaction) throws -> [DataTable] {
        let connection = try connection(of: tx)
        let tables = try connection.texts(
            """
            SELECT object.name FROM sqlite_schema AS object
            JOIN pragma_table_list AS listed ON listed.name = object.name
            WHERE listed.schema = 'main' AND listed.type IN ('table', 'virtual')
                AND object.name <> 'schema_migrations' AND object.name NOT LIKE 'sqlite_%'
            ORDER BY object.rowid
            """)
        return try tables.map { name in
            let columns = try connection.texts("SELECT name FROM pragma_table_info('\(name)')")
            let isIndex = try !connection.texts(
                "SELECT name FROM pragma_table_list('\(name)') WHERE type = 'virtual'"
            ).isEmpty
            return DataTable(name, columns: (isIndex ? ["document"] : []) + columns)
        }
    }

    /// Reads in the order of storage.
    public func readRows(
        of table: DataTable, in tx: any Transaction, _ visit: ([Value]) throws -> Void
    ) throws {
        let connection = try connection(of: tx)
        let statement = try Statement(
            "SELECT \(table.columnList) FROM \(table.name)", on: connection.handle)
        let columns = table.columns.indices
        while try statement.step() { try visit(columns.map(statement.value(at:))) }
    }

    /// Inserts row by row with one statement.
    public func loadRows(
        into table: DataTable, in tx: any Transaction,
        _ body: (_ add: ([Value]) throws -> Void) throws -> Void
    ) throws {
        let connection = try connection(of: tx)
        try Statement("DELETE FROM \(table.name)", on: connection.handle).run()
        let holes = table.columns.map { _ in "?" }.joined(separator: ", ")
        let statement = try Statement(
            "INSERT INTO \(table.name) (\(table.columnList)) VALUES (\(holes))",
            on: connection.handle)
        try body {
            try statement.bind($0)
            _ = try statement.step()
            statement.reset()
        }
        connection.hasChanged = true
    }

    /// Those of tables with AUTOINCREMENT. https://www.sqlite.org/autoinc.html
    public func lastNumbers(in tx: any Transaction) throws -> [String: Int64] {
        let statement = try Statement(
            "SELECT name, seq FROM sqlite_sequence", on: connection(of: tx).handle)
        var numbers: [String: Int64] = [:]
        while try statement.step() {
            guard case .text(let name) = try statement.value(at: 0),
                case .integer(let number) = try statement.value(at: 1)
            else { continue }
            numbers[name] = number
        }
        return numbers
    }

    /// Only numbers that are never reused are stored; others follow the highest one by themselves.
    public func setLastNumbers(_ numbers: [String: Int64], in tx: any Transaction) throws {
        let connection = try connection(of: tx)
        let known = try lastNumbers(in: tx)
        let update = try Statement(
            "UPDATE sqlite_sequence SET seq = ? WHERE name = ?", on: connection.handle)
        // A table that never had a row has no counter yet.
        let insert = try Statement(
            """
            INSERT INTO sqlite_sequence (seq, name) SELECT ?, name FROM sqlite_schema
            WHERE name = ? AND sql LIKE '%AUTOINCREMENT%'
            """, on: connection.handle)
        for (name, number) in numbers where number > known[name] ?? 0 {
            let statement = known[name] == nil ? insert : update
            try statement.bind([.integer(number), .text(name)])
            try statement.run()
            statement.reset()
        }
    }

    private func connection(of tx: any Transaction) throws -> Connection {
        guard let connection = tx as? Connection else {
            throw StoreError.misuse("The transaction belongs to another store.")
        }
        return connection
    }
}

extension DataTable {
    /// The columns in SQLite's words: the number of a document is the row number.
    fileprivate var columnList: String {
        columns.map { $0 == "document" ? "rowid" : $0 }.joined(separator: ", ")
    }
}

extension Connection {
    /// The first column of all rows, without NULL.
    fileprivate func texts(_ query: String) throws -> [String] {
        let statement = try Statement(query, on: handle)
        var texts: [String] = []
        while try statement.step() {
            if case .text(let text) = try statement.value(at: 0) { texts.append(text) }
        }
        return texts
    }
}
