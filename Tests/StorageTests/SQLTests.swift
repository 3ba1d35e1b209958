import Storage
import Testing
import Values

@Suite struct SQLTests {
    @Test func holesAreNumberedAsTheyAreMet() {
        let name = "'; DROP TABLE people; --"
        let sql: SQL = "SELECT id FROM people WHERE name = \(name) AND age > \(18 as Int64)"
        #expect(sql.text { _ in "" } == "SELECT id FROM people WHERE name = $1 AND age > $2")
        #expect(sql.values == [.text(name), .integer(18)])
    }

    @Test func piecesKeepTheirValuesInOrder() {
        let conditions: [SQL] = ["price >= \(Money(minorUnits: 5))", "category = \("pens")"]
        let sql: SQL = "SELECT id FROM products \(conditions.conditions) LIMIT \(20 as Int64)"
        #expect(
            sql.text { _ in "" }
                == "SELECT id FROM products WHERE price >= $1 AND category = $2 LIMIT $3")
        #expect(sql.values == [.integer(5), .text("pens"), .integer(20)])
        #expect(([] as [SQL]).conditions.template == "")
    }

    @Test func anEngineSpellsItsIdentity() {
        let sql: SQL = "CREATE TABLE t (id \(.identity))"
        #expect(sql.text { _ in "SERIAL" } == "CREATE TABLE t (id SERIAL)")
    }

    @Test func marksForLocksDistinguishStatements() {
        let marks: [SQL.Dialect] = [
            .alone("orders"), .alone("people"), .held("orders"), .held("people"), .skipping,
            .unindexed, .unindexedNumber, .orderedJoin,
        ]
        let statements: [SQL] = marks.map { "SELECT id FROM orders \($0)" }
        #expect(Set(statements.map(\.template)).count == marks.count)
        #expect(Set(statements.map(\.parts)).count == marks.count)
    }

    @Test func searchesAreDistinguished() {
        let indexes = [FullText("notes", []), FullText("pages", [])]
        let words = FullTextQuery([("pen", isPrefix: false)])
        let statements = indexes.flatMap { index in
            [1, 2, 2000].flatMap { newest in
                [true, false].map {
                    SQL(newest: newest, of: index, matching: words, isRanked: $0)
                }
            }
        }
        #expect(Set(statements.map(\.template)).count == 12)
        #expect(Set(statements.map(\.parts)).count == 12)
    }

    @Test func preparingAnIndexIsNotCreatingIt() {
        let notes = FullText("notes", [])
        let statements: [SQL] = ["\(.create(notes))", "\(.divide(notes))"]
        #expect(statements[0].template != statements[1].template)
        #expect(statements[0].parts != statements[1].parts)
    }

    @Test func aQueryHoldsWordsOnly() {
        let query = FullTextQuery(["", "AND", "a b", "\"", "a*"].map { ($0, isPrefix: false) })
        #expect(query.isEmpty && query.stored == Value.text(""))
        let two = FullTextQuery(["te", "mint"].map { ($0, isPrefix: $0 == "te") })
        #expect(two.stored == Value.text("te* mint"))
        #expect(FullTextQuery(stored: .text("pen")) == nil)
    }

    @Test func rowsDecodeByColumn() throws {
        let row = Row(
            columns: Columns(["id", "name", "gone"]), values: [.integer(7), .text("Ada"), .null])
        #expect(try row["id"] as Int64 == 7)
        #expect(try row["name"] as String == "Ada")
        #expect(try row["gone"] as Instant? == nil)
        #expect(throws: StoreError.self) { try row["gone"] as String }
        #expect(throws: StoreError.self) { try row["name"] as Money }
        #expect(throws: StoreError.self) { try row["nothing"] as Int64 }
    }
}
