import Storage
import Testing
import Values

@Suite struct MigrationConformance {
    private let now = Instant(milliseconds: 1_700_000_000_000)
    private let first = Migration("people/1 table", ["CREATE TABLE people (id \(.identity))"])
    private let second = Migration(
        "people/2 names",
        ["ALTER TABLE people ADD COLUMN name TEXT", "INSERT INTO people (name) VALUES ('ada')"])

    @Test(arguments: ConformingEngine.allCases)
    func runInTheirOrderAndOnce(engine: ConformingEngine) throws {
        let database = try ConformingDatabase(on: engine)
        let store = database.store
        #expect(try [first].migrate(store, at: now) == [first.name])
        #expect(try [first, second].migrate(store, at: now) == [second.name])
        #expect(try [first, second].migrate(store, at: now).isEmpty)
        try [first, second].verify(store)
        #expect(try store.number("SELECT count(*) AS n FROM people WHERE name = 'ada'") == 1)
        #expect(try store.number("SELECT sum(version) AS n FROM schema_migrations") == 3)
    }

    @Test(arguments: ConformingEngine.allCases)
    func aFailedMigrationChangesNothing(engine: ConformingEngine) throws {
        let database = try ConformingDatabase(on: engine)
        let store = database.store
        let broken = Migration("people/2 broken", ["CREATE TABLE more (id \(.int64))", "NONSENSE"])
        #expect(throws: StoreError.self) { try [first, broken].migrate(store, at: now) }
        #expect(try store.tables() == [])
    }

    @Test(arguments: ConformingEngine.allCases)
    func anEditAndANewerDatabaseAreRefused(engine: ConformingEngine) throws {
        let database = try ConformingDatabase(on: engine)
        let store = database.store
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
    @Test(arguments: ConformingEngine.allCases)
    func anUpgradeKeepsTheData(engine: ConformingEngine) throws {
        let database = try ConformingDatabase(on: engine)
        let store = database.store
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

    /// New rows of a recreated table continue the numbers of the copied ones.
    @Test(arguments: ConformingEngine.allCases)
    func aRecreatedTableContinuesItsNumbers(engine: ConformingEngine) throws {
        let database = try ConformingDatabase(on: engine)
        let store = database.store
        try [first, second].migrate(store, at: now)
        let third = Migration(
            "people/3 names are required",
            [
                "CREATE TABLE new_people (id \(.serial), name TEXT NOT NULL)",
                "INSERT INTO new_people (id, name) SELECT id + 6, name FROM people",
                "DROP TABLE people",
                "ALTER TABLE new_people RENAME TO people",
            ], numberedTables: ["people"])
        try [first, second, third].migrate(store, at: now)
        let id = try store.write { try $0.insert("INSERT INTO people (name) VALUES ('ben')") }
        #expect(id == 8)
    }

    @Test(arguments: ConformingEngine.allCases)
    func anEarlierSliceMayAddMigrations(engine: ConformingEngine) throws {
        let database = try ConformingDatabase(on: engine)
        let store = database.store
        let other = Migration("goods/1 table", ["CREATE TABLE goods (id \(.identity))"])
        try [first, other].migrate(store, at: now)
        #expect(try [first, second, other].migrate(store, at: now) == [second.name])
        try [first, second, other].verify(store)
        #expect(throws: StoreError.self) { try [first, second].verify(store) }
    }

    @Test(arguments: ConformingEngine.allCases)
    func anEmptyFileNeedsAMigration(engine: ConformingEngine) throws {
        let database = try ConformingDatabase(on: engine)
        let store = database.store
        #expect(
            throws: StoreError.schema("The database has no schema yet: run `souk migrate`.")
        ) { try [first].verify(store) }
        try [first].migrate(store, at: now)
        let failure = #expect(throws: StoreError.self) { try [first, second].verify(store) }
        guard case .schema(let sentence) = failure else { return }
        #expect(sentence.contains(second.name) && sentence.contains("souk migrate"))
    }

    @Test(arguments: ConformingEngine.allCases)
    func fourAtOnceMigrateOnce(engine: ConformingEngine) throws {
        let database = try ConformingDatabase(on: engine)
        let (first, second, now) = (first, second, now)
        onThreads(4) { _ in
            try [first, second].migrate(database.open(), at: now)
        }
        #expect(try database.open().number("SELECT count(*) AS n FROM people") == 1)
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
