import Storage
import StorageSQLite
import Testing

@Suite struct ValueTests {
    @Test(
        arguments: [
            .null, .integer(.min), .integer(-1), .integer(0), .integer(.max),
            .text(""), .text("fifteen bytes.."), .text("more than fifteen bytes"),
            .text("it's \"quoted\"; -- $1 ? :a @b"), .text("🖋️ Füller, قلم, 鋼筆"),
            .text("before\u{0}after"), .text(String(repeating: "long ", count: 100_000)),
        ] as [Value])
    func roundTrips(value: Value) throws {
        let folder = try Folder()
        let store = try folder.store()
        let found = try store.write { tx in
            try tx.run("CREATE TABLE things (value)")
            try tx.run("INSERT INTO things VALUES (\(Same(value)))")
            return try tx.all("SELECT value FROM things") { try $0["value"] as Same }
        }
        #expect(found.map(\.stored) == [value])
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

/// Returns a value unchanged.
private struct Same: Storable {
    let stored: Value
    init(_ value: Value) { stored = value }
    init?(stored: Value) { self.stored = stored }
}
