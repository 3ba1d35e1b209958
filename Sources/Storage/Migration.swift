import Values

/// A schema change that runs once in each database and is never edited.
public struct Migration: Sendable {
    /// A unique and permanent name that begins with its slice: `customers/1 people`.
    public let name: String
    /// The statements, which run in one transaction with every other pending migration.
    public let statements: [SQL]
    /// The tables that the statements fill with rows that have a number already.
    let numberedTables: [StaticString]

    /// Creates a migration; append new ones to the list of their slice.
    ///
    /// SQLite cannot change a CHECK, so a migration copies the rows to a new table, which then gets
    /// the name of the old one. `numberedTables` are such tables: new rows get higher numbers.
    public init(_ name: String, _ statements: [SQL], numberedTables: [StaticString] = []) {
        self.name = name
        self.statements = statements
        self.numberedTables = numberedTables
    }

    /// Creates the table that lists the applied migrations of a database.
    public static let table: SQL = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            version \(.int64) PRIMARY KEY,
            name TEXT NOT NULL,
            checksum TEXT NOT NULL,
            applied_at \(.int64) NOT NULL
        ) \(.strict)
        """

    /// An FNV-1a hash of the statements, as 16 hexadecimal digits.
    ///
    /// It detects an accidental edit but not an attack.
    public var checksum: String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for statement in statements {
            for byte in statement.template.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension [Migration] {
    /// Applies the pending migrations; a second run changes nothing.
    /// - Returns: the names of the applied migrations, oldest first.
    /// - Throws: `StoreError.schema` if the database is newer than this list or was made by another
    ///   one.
    @discardableResult
    public func migrate(_ store: some Store, at now: Instant) throws -> [String] {
        try store.write { try migrate(in: $0, at: now) }
    }

    /// The same in an open transaction.
    @discardableResult
    public func migrate(in tx: any Transaction, at now: Instant) throws -> [String] {
        try tx.lockSchema()
        try tx.run(Migration.table)
        let due = try due(in: tx)
        for (migration, version) in zip(due, Int64(count - due.count + 1)...) {
            for statement in migration.statements { try tx.run(statement) }
            for table in migration.numberedTables { try tx.numbered(table) }
            try tx.run(
                """
                INSERT INTO schema_migrations (version, name, checksum, applied_at)
                VALUES (\(version), \(migration.name), \(migration.checksum), \(now))
                """)
        }
        try tx.finishSchema()
        return due.map(\.name)
    }

    /// The names of the pending migrations, oldest first.
    /// - Throws: `StoreError.schema` if the database has no schema, is newer than this list, or was
    ///   made by another one.
    public func missing(from store: some Store) throws -> [String] {
        do {
            return try store.read { try due(in: $0).map(\.name) }
        } catch StoreError.noTable {
            throw StoreError.schema("The database has no schema yet: run `souk migrate`.")
        }
    }

    /// The applied migrations, in the order of this list.
    /// - Throws: the errors of `missing`.
    public func applied(to store: some Store) throws -> [Migration] {
        let missing = try missing(from: store)
        return filter { !missing.contains($0.name) }
    }

    /// Rejects a database that is not exactly at this schema.
    ///
    /// A responder calls this before it accepts requests.
    /// - Throws: `StoreError.schema` with a sentence that says what to do.
    public func verify(_ store: some Store) throws {
        let missing = try missing(from: store)
        if let first = missing.first {
            throw StoreError.schema(
                "The database lacks \(missing.count) of \(count) migrations, next is '\(first)': run `souk migrate`."
            )
        }
    }

    /// The pending migrations, after a check of the applied ones.
    ///
    /// The applied migrations of each slice must be the start of its list. The check is per slice,
    /// because a new table of one slice does not come last in the list of the shop.
    private func due(in tx: any Transaction) throws -> [Migration] {
        let applied = try tx.all("SELECT name, checksum FROM schema_migrations ORDER BY version") {
            (name: try $0["name"] as String, checksum: try $0["checksum"] as String)
        }
        var due = self
        for found in applied {
            guard let index = due.firstIndex(where: { $0.slice == found.name.slice }) else {
                throw StoreError.schema(
                    "The database is newer than this program, which does not know its migration '\(found.name)'."
                )
            }
            let expected = due.remove(at: index)
            guard found.name == expected.name, found.checksum == expected.checksum else {
                throw StoreError.schema(
                    """
                    The database was made by a version of Souk with other tables and cannot be \
                    upgraded: its migration '\(found.name)' is not this program's \
                    '\(expected.name)'. Nothing was changed.
                    """)
            }
        }
        return due
    }
}

extension Migration {
    /// The slice that owns the migration: `customers` of `customers/1 people`.
    fileprivate var slice: Substring { name.slice }
}

extension String {
    fileprivate var slice: Substring { prefix { $0 != "/" } }
}
