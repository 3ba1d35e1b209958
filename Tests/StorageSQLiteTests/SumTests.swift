import Storage
import StorageSQLite
import Testing

/// SQLite's own SUM fails beyond 64 bits, and a product beyond them is a floating-point number.
@Suite struct SumTests {
    static let sums: [(rows: SQL, sum: Int64)] = [
        ("VALUES (9223372036854775807), (9223372036854775807), (-9223372036854775807)", .max),
        ("VALUES (9223372036854775807), (-9223372036854775807), (-9223372036854775807)", -.max),
        ("VALUES (9223372036854775807 * 2)", .max),
    ]

    @Test(arguments: sums) func staysWithinItsBounds(rows: SQL, sum: Int64) throws {
        let store = try Folder().store()
        let total = try store.number(
            "WITH entry (x) AS (\(rows)) SELECT \(SQL(sum: "x")) AS n FROM entry")
        #expect(total == sum)
    }
}
