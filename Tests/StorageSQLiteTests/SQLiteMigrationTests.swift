import Storage
import StorageSQLite
import Testing
import Values

@Suite struct SQLiteMigrationTests {
    private let now = Instant(milliseconds: 1_700_000_000_000)
    private let first = Migration("people/1 table", ["CREATE TABLE people (id \(.identity))"])

    /// Ids that clients do not know may be reused.
    @Test func numbersRowsCheaply() throws {
        let folder = try Folder()
        let store = try folder.store()
        let number = try store.write { tx in
            try tx.run("CREATE TABLE people (id \(.serial), name TEXT)")
            _ = try tx.insert("INSERT INTO people (name) VALUES ('ada')")
            try tx.run("DELETE FROM people")
            return try tx.insert("INSERT INTO people (name) VALUES ('zoe')")
        }
        #expect(number == 1)
    }

    /// Databases from before this distinction are valid.
    @Test func acceptsBothKindsOfIds() throws {
        let folder = try Folder()
        let store = try folder.store()
        try [first].migrate(store, at: now)
        try [Migration(first.name, ["CREATE TABLE people (id \(.serial))"])].verify(store)
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
}
