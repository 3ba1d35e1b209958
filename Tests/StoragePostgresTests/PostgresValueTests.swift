import PostgresFixture
import Storage
import StoragePostgres
import Testing

@Suite struct PostgresValueTests {
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

    /// A product beyond 64 bits is an error, before SUM could saturate.
    @Test func aTermOfASumFitsInto64Bits() throws {
        let pens = try PostgresPens()
        let large: Int64 = .max
        let failure = #expect(throws: StoreError.self) {
            try pens.store.number(
                "SELECT \(SQL(sum: "x * 2")) AS n FROM (VALUES (\(large))) AS t (x)")
        }
        guard case .engine(_, let message, _) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(message.contains("22003"))
    }
}
