import Storage
import StorageSQLite
import Testing

@Suite struct PragmaTests {
    @Test(
        arguments: [
            ("PRAGMA page_size", "page_size", 2048),
            ("PRAGMA synchronous", "synchronous", 2),
            ("PRAGMA foreign_keys", "foreign_keys", 1),
            ("PRAGMA mmap_size", "mmap_size", 0),
            ("PRAGMA cache_size", "cache_size", -2048),
            ("PRAGMA temp_store", "temp_store", 2),
            ("PRAGMA journal_size_limit", "journal_size_limit", 64 << 20),
            ("PRAGMA trusted_schema", "trusted_schema", 0),
        ] as [(SQL, String, Int64)])
    func isInForceOnReadersAndOnTheWriter(sql: SQL, column: String, value: Int64) throws {
        let folder = try Folder()
        let store = try folder.store()
        #expect(try store.read { try $0.first(sql)?[column] } == value)
        #expect(try store.write { try $0.first(sql)?[column] } == value)
    }

    @Test func theFileIsInWALModeAndReadersOnlyRead() throws {
        let folder = try Folder()
        let store = try folder.store()
        #expect(try store.write { try $0.first("PRAGMA journal_mode")?["journal_mode"] } == "wal")
        #expect(try store.read { try $0.first("PRAGMA query_only")?["query_only"] } == Int64(1))
        #expect(try store.write { try $0.first("PRAGMA query_only")?["query_only"] } == Int64(0))
    }

    @Test func aQuotedNameIsAColumnAndNoText() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        #expect(throws: StoreError.self) {
            try store.read { try $0.run("SELECT \"nmae\" FROM pens") }
        }
    }

    @Test func aMissingFileIsCreatedOnlyOnRequest() throws {
        let folder = try Folder()
        let failure = #expect(throws: StoreError.self) { try SQLiteStore(path: folder.database) }
        guard case .unavailable = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        _ = try folder.store()
        _ = try SQLiteStore(path: folder.database)
    }

    @Test func manyOpenAFreshFileAtOnce() throws {
        let folder = try Folder()
        onThreads(8) { number in
            do {
                let store = try folder.storeOfPens()
                try store.write { try $0.run("INSERT INTO pens (id) VALUES (\(Int64(number)))") }
            } catch {
                Issue.record(error)
            }
        }
        #expect(try folder.store().pens == 8)
    }
}
