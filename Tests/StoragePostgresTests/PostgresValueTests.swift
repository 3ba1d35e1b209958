import PostgresFixture
import Storage
import StoragePostgres
import Testing

@Suite struct PostgresValueTests {
    @Test(
        arguments: [
            .null, .integer(.min), .integer(-1), .integer(0), .integer(2_147_483_648),
            .integer(.max),
        ] as [Value])
    func integersRoundTrip(value: Value) throws {
        let found = try roundTrip(value, "CREATE TABLE things (value BIGINT)")
        #expect(found == [value])
    }

    @Test(
        arguments: [
            .null, .text(""), .text("fifteen bytes.."), .text("more than fifteen bytes"),
            .text("it's \"quoted\"; -- $1 ? :a @b \\ %"), .text("🖋️ Füller, قلم, 鋼筆 \u{10FFFF}"),
            .text("\u{1}\u{7F}\u{FFFD}"), .text(String(repeating: "long ", count: 100_000)),
        ] as [Value])
    func textsRoundTrip(value: Value) throws {
        let found = try roundTrip(value, "CREATE TABLE things (value TEXT)")
        #expect(found == [value])
    }

    private func roundTrip(_ value: Value, _ table: SQL) throws -> [Value] {
        let pens = try PostgresPens()
        return try pens.store.write { tx in
            try tx.run(table)
            try tx.run("INSERT INTO things VALUES (\(value))")
            return try tx.all("SELECT value FROM things") { try $0["value"] }
        }
    }

    /// The type of a parameter does not depend on its first value.
    @Test func nullMayComeFirst() throws {
        let pens = try PostgresPens()
        let values: [Value] = [.null, .integer(5_000_000_000), .null, .integer(-1)]
        let found: [Value] = try pens.store.write { tx in
            try values.map { value in
                let row = try tx.first("SELECT 1 + COALESCE(\(value), 0) AS sum")
                return try #require(row)["sum"]
            }
        }
        #expect(found == [.integer(1), .integer(5_000_000_001), .integer(1), .integer(0)])
    }

    @Test func rejectsZeroBytes() throws {
        let pens = try PostgresPens()
        let failure = #expect(throws: StoreError.self) {
            try pens.store.write { try $0.run("INSERT INTO pens (name) VALUES (\("a\u{0}b"))") }
        }
        guard case .engine = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(try pens.store.pens == 0)
    }

    @Test(
        arguments: [
            ("SELECT 7::smallint AS n", 7), ("SELECT (-7)::int AS n", -7),
            ("SELECT true AS n", 1), ("SELECT false AS n", 0),
            ("SELECT 12345678901234::numeric AS n", 12_345_678_901_234),
            ("SELECT (-10000)::numeric AS n", -10000), ("SELECT 0::numeric AS n", 0),
            ("SELECT 40000.00::numeric AS n", 40000), ("SELECT 1e40::numeric AS n", .max),
            ("SELECT -1e40::numeric AS n", .min),
            ("SELECT 9223372036854775807::numeric AS n", .max),
            ("SELECT 9223372036854775808::numeric AS n", .max),
            ("SELECT -9223372036854775808::numeric AS n", .min),
            ("SELECT SUM(x) AS n FROM (VALUES (1::bigint), (2)) AS t (x)", 3),
        ] as [(SQL, Int64)])
    func decodesIntegers(sql: SQL, number: Int64) throws {
        let pens = try PostgresPens()
        #expect(try pens.store.number(sql) == number)
    }

    @Test(
        arguments: [
            "SELECT 1.5::float AS n", "SELECT 1.5 AS n", "SELECT 'NaN'::numeric AS n",
            "SELECT ''::bytea AS n", "SELECT now() AS n",
        ] as [SQL])
    func rejectsOtherTypes(sql: SQL) throws {
        let pens = try PostgresPens()
        let failure = #expect(throws: StoreError.self) { try pens.store.number(sql) }
        guard case .column("n", _) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }
}
