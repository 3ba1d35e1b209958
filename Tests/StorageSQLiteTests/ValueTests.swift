import Storage
import StorageSQLite
import Testing

@Suite struct ValueTests {
    @Test func aTextMayHoldZeroBytes() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let text = "before\u{0}after"
        let found: String? = try store.write { tx in
            try tx.first("INSERT INTO pens (name) VALUES (\(text)) RETURNING name")?["name"]
        }
        #expect(found == text)
    }

    @Test(arguments: ["SELECT 1.5 AS n", "SELECT x'00' AS n"] as [SQL])
    func rejectsOtherTypes(sql: SQL) throws {
        let folder = try Folder()
        let store = try folder.store()
        let failure = #expect(throws: StoreError.self) { try store.number(sql) }
        guard case .column("n", _) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test func foreignTextIsRepaired() throws {
        let folder = try Folder()
        let store = try folder.store()
        let text: String? = try store.read {
            try $0.first("SELECT CAST(x'61ff62' AS TEXT) AS text")?["text"]
        }
        #expect(text == "a\u{FFFD}b")
    }
}
