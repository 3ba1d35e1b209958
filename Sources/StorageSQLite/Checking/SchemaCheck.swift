public import Storage

/// A table, index, view or trigger of a database, as `sqlite_schema` lists it.
///
/// https://www.sqlite.org/schematab.html
private struct SchemaObject: Hashable {
    let type: String
    let name: String

    var title: String { "\(type) \(name)" }
}

extension SQLiteStore {
    /// What differs between the schema in `tx` and the one that `migrations` make: foreign
    /// triggers, missing indexes, removed CHECKs, changed columns.
    ///
    /// Text is compared without regard to white space. The tables behind a full-text index are part
    /// of both. ANALYZE adds `sqlite_stat1` and `sqlite_stat4`, which belong to neither.
    /// - Returns: a sentence for each difference, in the order of names.
    public static func schemaFaults(
        in tx: any Transaction, against migrations: [Migration]
    ) throws -> [String] {
        let found = try objects(in: tx)
        let expected = try objects(madeBy: migrations)
        return Set(found.keys).union(expected.keys).sorted { $0.name < $1.name }.compactMap {
            switch (found[$0], expected[$0]) {
            case (nil, _): "\($0.title) is missing"
            case (_, nil): "\($0.title) is not part of the schema"
            case (let one, let other): one == other ? nil : "\($0.title) differs"
            }
        }
    }

    /// Whether it has the table that lists a shop's migrations.
    public func isShop() throws -> Bool {
        try tableNames().contains("schema_migrations")
    }

    /// Whether it has tables, and they are not a shop's.
    public func isForeign() throws -> Bool {
        let names = try tableNames()
        return !names.isEmpty && !names.contains("schema_migrations")
    }

    private func tableNames() throws -> [String] {
        try read { try SQLiteStore.objects(in: $0) }.keys.map(\.name)
    }

    private static func objects(in tx: any Transaction) throws -> [SchemaObject: String] {
        let rows = try tx.all(query) {
            (try $0["type"] as String, try $0["name"] as String, try $0["sql"] as String)
        }
        return dictionary(rows)
    }

    /// In memory, so that no folder is needed that may be written to.
    private static func objects(madeBy migrations: [Migration]) throws -> [SchemaObject: String] {
        let memory = try Handle(":memory:", create: true, busyWaitMs: 0)
        for sql in [Migration.table] + migrations.flatMap(\.statements) {
            try Statement(sql.text(spelled: spelled), on: memory).run()
        }
        let statement = try Statement(query.text(spelled: spelled), on: memory)
        var rows: [(String, String, String)] = []
        while try statement.step() {
            guard case .text(let type) = try statement.value(at: 0),
                case .text(let name) = try statement.value(at: 1),
                case .text(let sql) = try statement.value(at: 2)
            else { continue }
            rows.append((type, name, sql))
        }
        return dictionary(rows)
    }

    /// SQLite makes the objects that are left out by itself: indexes for UNIQUE and PRIMARY KEY,
    /// which follow from the table's text, the table of AUTOINCREMENT, and those of ANALYZE.
    private static let query: SQL = """
        SELECT type, name, COALESCE(sql, '') AS sql FROM sqlite_schema
        WHERE NOT (type = 'index' AND sql IS NULL) AND NOT (
            type = 'table' AND name IN ('sqlite_sequence', 'sqlite_stat1', 'sqlite_stat4'))
        """

    private static func dictionary(_ rows: [(String, String, String)]) -> [SchemaObject: String] {
        Dictionary(
            rows.map { (SchemaObject(type: $0, name: $1), normalised($2)) },
            // Two of one name are a damaged file, which is what the text then says.
            uniquingKeysWith: { "\($0) \($1)" })
    }

    /// The text with every run of white space outside quotes as one space.
    private static func normalised(_ sql: String) -> String {
        var text = ""
        var quote: Unicode.Scalar?
        for scalar in sql.unicodeScalars {
            if let open = quote {
                if scalar == open { quote = nil }
                text.unicodeScalars.append(scalar)
            } else if scalar.properties.isWhitespace {
                if text.unicodeScalars.last != " " { text += " " }
            } else {
                if scalar == "'" || scalar == "\"" { quote = scalar }
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
