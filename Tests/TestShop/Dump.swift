import CSQLite

extension TestShop {
    /// Every row of every table as a line of text, sorted, to compare two states.
    ///
    /// It bypasses `Store`, so that it includes every table.
    public func dump() throws -> [String] {
        guard database.isFile else { return try dumpOfServer() }
        var database: OpaquePointer?
        let path = folder.appending(path: "souk.db").path
        defer { sqlite3_close(database) }
        guard sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, nil) == SQLITE_OK else {
            throw TestFailure(description: "cannot open \(path)")
        }
        let tables = try lines(of: "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
        return try tables.flatMap { table in
            try lines(of: "SELECT * FROM \"\(table)\"").map { "\(table): \($0)" }.sorted()
        }

        func lines(of sql: String) throws -> [String] {
            var statement: OpaquePointer?
            defer { sqlite3_finalize(statement) }
            guard sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK else {
                throw TestFailure(description: sql)
            }
            var lines: [String] = []
            while sqlite3_step(statement) == SQLITE_ROW {
                let values = (0..<sqlite3_column_count(statement)).map { column in
                    sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "null"
                }
                lines.append(values.joined(separator: " | "))
            }
            return lines
        }
    }

    private func dumpOfServer() throws -> [String] {
        try store.read { tx in
            try tx.all(
                """
                SELECT tablename || ': ' || CAST(
                    table_to_xml(CAST(quote_ident(tablename) AS regclass), false, false, '')
                    AS TEXT) AS line
                FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename
                """
            ) { try $0["line"] }
        }
    }
}
