import Values

/// A change of the schema that is made once and never edited afterwards.
public struct Migration: Sendable {
    /// Unique and lasting, the slice it belongs to in front: `customers/1 people`.
    public let name: String
    /// What is run, in one transaction with every other migration that is due.
    public let statements: [SQL]

    /// A migration; put new ones behind the old.
    public init(_ name: String, _ statements: [SQL]) {
        self.name = name
        self.statements = statements
    }

    /// Makes the table that lists the migrations a database has had.
    public static let table: SQL = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            version \(.int64) PRIMARY KEY,
            name TEXT NOT NULL,
            checksum TEXT NOT NULL,
            applied_at \(.int64) NOT NULL
        ) \(.strict)
        """

    /// How an engine's message ends if that table is not there.
    fileprivate static let isNotThere = "no such table: schema_migrations"

    /// 16 hexadecimal digits over the statements (FNV-1a, 64 bits): it tells an edit from an
    /// accident, not from an attack.
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
    /// Brings the database to this schema; a second run changes nothing.
    /// - Returns: the names of those it ran, oldest first.
    /// - Throws: `StoreError.schema` where the database is newer than this list, or was made by
    ///   another one.
    @discardableResult
    public func migrate(_ store: some Store, at now: Instant) throws -> [String] {
        try store.write { tx in
            try tx.run(Migration.table)
            let due = try due(in: tx)
            for (migration, version) in zip(due, Int64(count - due.count + 1)...) {
                for statement in migration.statements { try tx.run(statement) }
                try tx.run(
                    """
                    INSERT INTO schema_migrations (version, name, checksum, applied_at)
                    VALUES (\(version), \(migration.name), \(migration.checksum), \(now))
                    """)
            }
            return due.map(\.name)
        }
    }

    /// The names of the migrations that the database lacks, oldest first.
    /// - Throws: `StoreError.schema` where it has no schema at all, is newer than this list, or was
    ///   made by another one.
    public func missing(from store: some Store) throws -> [String] {
        do {
            return try store.read { try due(in: $0).map(\.name) }
        } catch StoreError.engine(_, let message, _) where message.hasSuffix(Migration.isNotThere) {
            throw StoreError.schema("The database has no schema yet: run `souk migrate`.")
        }
    }

    /// The migrations that the database has had, in the order of this list.
    /// - Throws: what `missing` throws.
    public func applied(to store: some Store) throws -> [Migration] {
        let missing = try missing(from: store)
        return filter { !missing.contains($0.name) }
    }

    /// Refuses a database that is not exactly at this schema.
    ///
    /// A responder asks this before it serves.
    /// - Throws: `StoreError.schema` with a sentence that says what to do.
    public func verify(_ store: some Store) throws {
        let missing = try missing(from: store)
        if let first = missing.first {
            throw StoreError.schema(
                "The database lacks \(missing.count) of \(count) migrations, next is '\(first)': run `souk migrate`."
            )
        }
    }

    /// What has not run yet, once what has run is found to be, of each slice, the beginning of its
    /// list.
    ///
    /// By slice, because a slice that gets a new table does not stand last in the shop.
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
    /// Whose it is: `customers` of `customers/1 people`.
    fileprivate var slice: Substring { name.slice }
}

extension String {
    fileprivate var slice: Substring { prefix { $0 != "/" } }
}
