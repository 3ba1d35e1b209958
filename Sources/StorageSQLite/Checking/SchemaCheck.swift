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
    /// Compares the schema in `tx` with the one that `migrations` create.
    ///
    /// It finds foreign triggers, missing indexes, removed CHECKs and changed columns. It ignores
    /// differences in white space. Both schemas contain the shadow tables of a full-text index. The
    /// comparison leaves out `sqlite_stat1` and `sqlite_stat4`, which ANALYZE creates.
    ///
    /// - Returns: one sentence for each difference, sorted by name.
    public func schemaFaults(
        in tx: any Transaction, against migrations: [Migration]
    ) throws -> [String] {
        let found = try SQLiteStore.objects(in: tx)
        let expected = try SQLiteStore.objects(madeBy: migrations)
        return Set(found.keys).union(expected.keys).sorted { $0.name < $1.name }.compactMap {
            switch (found[$0], expected[$0]) {
            case (nil, _): "\($0.title) is missing"
            case (_, nil): "\($0.title) is not part of the schema"
            case (let one, let other): one == other ? nil : "\($0.title) differs"
            }
        }
    }

    /// The names of the tables, with those that a full-text index keeps.
    public func tables() throws -> [String] {
        try read { try SQLiteStore.objects(in: $0) }.keys.filter { $0.type == "table" }
            .map(\.name).sorted()
    }

    private static func objects(in tx: any Transaction) throws -> [SchemaObject: String] {
        let rows = try tx.all(query) {
            (try $0["type"] as String, try $0["name"] as String, try $0["sql"] as String)
        }
        return dictionary(rows)
    }

    /// Creates the schema in memory, so that no writable folder is needed.
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

    /// The objects to compare.
    ///
    /// It leaves out objects that SQLite creates itself: the indexes of UNIQUE and PRIMARY KEY, the
    /// table of AUTOINCREMENT, and the tables of ANALYZE.
    private static let query: SQL = """
        SELECT type, name, COALESCE(sql, '') AS sql FROM sqlite_schema
        WHERE NOT (type = 'index' AND sql IS NULL) AND NOT (
            type = 'table' AND name IN ('sqlite_sequence', 'sqlite_stat1', 'sqlite_stat4'))
        """

    private static func dictionary(_ rows: [(String, String, String)]) -> [SchemaObject: String] {
        Dictionary(
            rows.map { (SchemaObject(type: $0, name: $1), normalised($2)) },
            // Two objects with the same name mean a damaged file. Their joined text differs from
            // the expected one.
            uniquingKeysWith: { "\($0) \($1)" })
    }

    /// Replaces each run of white space outside quotes by one space.
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
