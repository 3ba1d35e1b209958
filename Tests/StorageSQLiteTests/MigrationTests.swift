import Storage
import StorageSQLite
import Testing
import Values

@Suite struct MigrationTests {
    private let now = Instant(milliseconds: 1_700_000_000_000)
    private let first = Migration("people/1 table", ["CREATE TABLE people (id \(.identity))"])
    private let second = Migration(
        "people/2 names",
        ["ALTER TABLE people ADD COLUMN name TEXT", "INSERT INTO people (name) VALUES ('ada')"])

    @Test func runInTheirOrderAndOnce() throws {
        let folder = try Folder()
        let store = try folder.store()
        #expect(try [first].migrate(store, at: now) == [first.name])
        #expect(try [first, second].migrate(store, at: now) == [second.name])
        #expect(try [first, second].migrate(store, at: now).isEmpty)
        try [first, second].verify(store)
        #expect(try store.number("SELECT count(*) AS n FROM people WHERE name = 'ada'") == 1)
        #expect(try store.number("SELECT sum(version) AS n FROM schema_migrations") == 3)
    }

    @Test func aFailedMigrationChangesNothing() throws {
        let folder = try Folder()
        let store = try folder.store()
        let broken = Migration("people/2 broken", ["CREATE TABLE more (id \(.int64))", "NONSENSE"])
        #expect(throws: StoreError.self) { try [first, broken].migrate(store, at: now) }
        #expect(try store.number("SELECT count(*) AS n FROM sqlite_master") == 0)
    }

    @Test func anEditAndANewerDatabaseAreRefused() throws {
        let folder = try Folder()
        let store = try folder.store()
        try [first, second].migrate(store, at: now)
        let edited = Migration(second.name, ["ALTER TABLE people ADD COLUMN title TEXT"])
        for other in [[first, edited], [second, first], [first]] {
            for check in [
                { try other.verify(store) }, { _ = try other.migrate(store, at: now) },
            ] {
                let failure = #expect(throws: StoreError.self, performing: check)
                guard case .schema = failure else {
                    Issue.record("\(String(describing: failure))")
                    return
                }
            }
        }
    }

    /// A later version adds a column, an index and a table, and recreates a table to change a
    /// constraint.
    @Test func anUpgradeKeepsTheData() throws {
        let folder = try Folder()
        let store = try folder.store()
        try released.migrate(store, at: now)
        try store.write { tx in
            try tx.run("INSERT INTO people (name, kind) VALUES ('ada', 'buyer'), ('ben', 'buyer')")
            try tx.run("INSERT INTO pets (owner_id, name) VALUES (1, 'Rex'), (2, 'Tom')")
            try tx.run("INSERT INTO pets (owner_id, name) VALUES (2, 'Mia')")
        }
        #expect(try (released + [later]).migrate(store, at: now) == [later.name])
        #expect(
            try store.number(
                """
                SELECT COUNT(*) AS n FROM people JOIN pets ON owner_id = people.id
                WHERE vet = 'none' AND grams = 100
                """) == 3)
        #expect(throws: StoreError.constraint("pets_grams")) {
            try store.write { try $0.run("UPDATE pets SET grams = 0") }
        }
        #expect(throws: StoreError.constraint("foreign_key")) {
            try store.write { try $0.run("DELETE FROM people WHERE id = 2") }
        }
    }

    /// A STRICT table rejects values of another type, and sums that are no longer integers.
    @Test(arguments: [SQL.Dialect.strict, .keyed]) func aColumnHoldsItsTypeOnly(
        kind: SQL.Dialect
    ) throws {
        let folder = try Folder()
        let store = try folder.store()
        try store.write { tx in
            try tx.run("CREATE TABLE sums (id \(.int64) PRIMARY KEY, total \(.int64)) \(kind)")
            try tx.run("INSERT INTO sums (id, total) VALUES (1, 9223372036854775807)")
        }
        for sql in ["UPDATE sums SET total = total + 1", "UPDATE sums SET total = 'x'"] as [SQL] {
            #expect(throws: StoreError.self) { try store.write { try $0.run(sql) } }
        }
        #expect(try store.number("SELECT total AS n FROM sums") == .max)
    }

    /// Ids that clients know are never reused; other ids may be.
    @Test(arguments: [(SQL.Dialect.identity, 3), (.serial, 2)] as [(SQL.Dialect, Int64)])
    func numbersRows(as kind: SQL.Dialect, afterADeletion next: Int64) throws {
        let folder = try Folder()
        let store = try folder.store()
        let number = try store.write { tx in
            try tx.run("CREATE TABLE people (id \(kind), name TEXT)")
            for name in ["ada", "ben"] {
                _ = try tx.insert("INSERT INTO people (name) VALUES (\(name))")
            }
            try tx.run("DELETE FROM people WHERE name = 'ben'")
            return try tx.insert("INSERT INTO people (name) VALUES ('zoe')")
        }
        #expect(number == next)
    }

    /// Databases from before this distinction are valid.
    @Test func acceptsBothKindsOfIds() throws {
        let folder = try Folder()
        let store = try folder.store()
        try [first].migrate(store, at: now)
        try [Migration(first.name, ["CREATE TABLE people (id \(.serial))"])].verify(store)
    }

    @Test func anEarlierSliceMayAddMigrations() throws {
        let folder = try Folder()
        let store = try folder.store()
        let other = Migration("goods/1 table", ["CREATE TABLE goods (id \(.identity))"])
        try [first, other].migrate(store, at: now)
        #expect(try [first, second, other].migrate(store, at: now) == [second.name])
        try [first, second, other].verify(store)
        #expect(throws: StoreError.self) { try [first, second].verify(store) }
    }

    @Test func anEmptyFileNeedsAMigration() throws {
        let folder = try Folder()
        let store = try folder.store()
        #expect(
            throws: StoreError.schema("The database has no schema yet: run `souk migrate`.")
        ) { try [first].verify(store) }
        try [first].migrate(store, at: now)
        let failure = #expect(throws: StoreError.self) { try [first, second].verify(store) }
        guard case .schema(let sentence) = failure else { return }
        #expect(sentence.contains(second.name) && sentence.contains("souk migrate"))
    }

    /// Only a missing table suggests a migration.
    @Test func otherEngineErrorsAreReportedUnchanged() throws {
        let folder = try Folder()
        let store = try folder.store()
        try store.write { try $0.run("CREATE TABLE schema_migrations (version \(.int64))") }
        let failure = #expect(throws: StoreError.self) { try [first].verify(store) }
        guard case .engine(_, "no such column: name", _) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test func fourAtOnceMigrateOnce() throws {
        let folder = try Folder()
        let (first, second, now) = (first, second, now)
        onThreads(4) { _ in
            do {
                try [first, second].migrate(folder.store(), at: now)
            } catch {
                Issue.record(error)
            }
        }
        #expect(try folder.store().number("SELECT count(*) AS n FROM people") == 1)
    }
}

/// The tables of an earlier version.
private let released: [Migration] = [
    Migration(
        "people/1 people",
        [
            """
            CREATE TABLE people (
                id \(.identity),
                name TEXT NOT NULL CONSTRAINT people_name_key UNIQUE,
                kind TEXT NOT NULL CONSTRAINT people_kind CHECK (kind = 'buyer')
            ) \(.strict)
            """
        ]),
    Migration(
        "pets/1 pets",
        [
            """
            CREATE TABLE pets (
                owner_id \(.int64) NOT NULL REFERENCES people (id),
                name TEXT NOT NULL,
                PRIMARY KEY (owner_id, name)
            ) \(.keyed)
            """
        ]),
]
/// The changes of a later version.
///
/// It recreates a table, because an engine may not support dropping a constraint.
private let later = Migration(
    "pets/2 weights and vets",
    [
        "ALTER TABLE pets RENAME TO former_pets",
        """
        CREATE TABLE pets (
            owner_id \(.int64) NOT NULL REFERENCES people (id),
            name TEXT NOT NULL,
            grams \(.int64) NOT NULL CONSTRAINT pets_grams CHECK (grams BETWEEN 1 AND 100000),
            PRIMARY KEY (owner_id, name)
        ) \(.keyed)
        """,
        "INSERT INTO pets (owner_id, name, grams) SELECT owner_id, name, 100 FROM former_pets",
        "DROP TABLE former_pets",
        "CREATE INDEX pets_by_weight ON pets (grams)",
        "ALTER TABLE people ADD COLUMN vet TEXT NOT NULL DEFAULT 'none'",
    ])
