import Storage
import StorageSQLite
import Testing

@Suite struct TriggerTests {
    @Test func failsByItsMessage() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        try store.write { tx in
            try tx.run("INSERT INTO pens (name) VALUES ('a')")
            try tx.run(
                """
                CREATE TRIGGER pens_stay BEFORE DELETE ON pens
                BEGIN SELECT RAISE(ABORT, 'pens_are_append_only'); END
                """)
        }
        #expect(throws: StoreError.constraint("pens_are_append_only")) {
            try store.write { try $0.run("DELETE FROM pens") }
        }
    }
}
