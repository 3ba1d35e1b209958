import Storage
import StorageSQLite
import Testing

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

    @Test func oneThatFailsLeavesNothing() throws {
        let folder = try Folder()
        let store = try folder.store()
        let broken = Migration("people/2 broken", ["CREATE TABLE more (id BIGINT)", "NONSENSE"])
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

    /// Numbers that are known outside are given once, others may be given again.
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

    /// Databases of before this was told apart are as good.
    @Test func oneKindOfNumbersIsNotToldFromTheOther() throws {
        let folder = try Folder()
        let store = try folder.store()
        try [first].migrate(store, at: now)
        try [Migration(first.name, ["CREATE TABLE people (id \(.serial))"])].verify(store)
    }

    @Test func aSliceThatDoesNotStandLastMayGrow() throws {
        let folder = try Folder()
        let store = try folder.store()
        let other = Migration("goods/1 table", ["CREATE TABLE goods (id \(.identity))"])
        try [first, other].migrate(store, at: now)
        #expect(try [first, second, other].migrate(store, at: now) == [second.name])
        try [first, second, other].verify(store)
        #expect(throws: StoreError.self) { try [first, second].verify(store) }
    }

    @Test func anEmptyFileIsToldWhatItNeeds() throws {
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
