import Storage
import Testing

@Suite struct AggregateConformance {
    private static let weights: [(rows: SQL, cancels: Bool)] = [
        ("VALUES (1, 'a', 5, 0), (1, 'a', -5, 0)", true),
        (
            """
            VALUES (1, 'a', 5, 7), (2, 'a', 6, -9), (2, 'a', -6, 9), (1, 'a', -2, -7),
            (1, 'a', -3, 0)
            """, true
        ),
        ("VALUES (1, NULL, 5, 0), (1, NULL, -5, 0)", true),
        ("VALUES (1, 'a', 1000000000000000, 0), (1, 'a', -1000000000000000, 0)", true),
        ("SELECT 1, 'a', 0, 0", true),
        ("SELECT 1, 'a', 0, 0 WHERE 1 = 0", true),
        ("VALUES (1, 'a', 5, 0), (2, 'a', -5, 0)", false),
        ("VALUES (1, 'a', 5, 0), (1, 'b', -5, 0)", false),
        ("VALUES (1, 'eight letters', 5, 0), (1, 'eight letterz', -5, 0)", false),
        ("VALUES (1, NULL, 5, 0), (1, '', -5, 0)", false),
        ("VALUES (1, 'a', 5, 0), (1, 'a', 0, -5)", false),
        ("VALUES (1, 'a', 5, 0), (1, 'a', -4, 0)", false),
        ("VALUES (1, 'a', 1, 0), (2, 'a', -2, 0), (3, 'a', 1, 0)", false),
        ("VALUES (1, 'a', 1125899906842624, 0), (2, 'a', -1125899906842624, 0)", false),
    ]

    /// `weight` is 0 only for values that cancel out, by key and by sum.
    @Test(arguments: ConformingEngine.allCases) func weighs(engine: ConformingEngine) throws {
        let database = try ConformingDatabase(on: engine)
        let weight = SQL(weight: ["first", "second"], of: "number, name")
        for (rows, cancels) in Self.weights {
            let found: Int64? = try database.store.read {
                try $0.first(
                    """
                    WITH entry (number, name, first, second) AS (\(rows))
                    SELECT \(weight) AS weight FROM entry
                    """)?["weight"]
            }
            #expect((found == 0) == cancels, "\(rows.template): \(String(describing: found))")
        }
    }

    private static let sums: [(rows: SQL, sum: Int64?)] = [
        ("SELECT 1 WHERE 1 = 0", nil),
        ("VALUES (NULL), (NULL)", nil),
        ("VALUES (3), (NULL), (-5)", -2),
        ("VALUES (9223372036854775807), (1)", .max),
        ("VALUES (9223372036854775807), (1), (-1)", .max),
        ("VALUES (-9223372036854775807), (-1)", .min),
        ("VALUES (-9223372036854775807), (-9)", .min),
    ]

    @Test(arguments: ConformingEngine.allCases)
    func sumsStayWithinTheirBounds(engine: ConformingEngine) throws {
        let database = try ConformingDatabase(on: engine)
        let null: Value = .null
        for (rows, sum) in Self.sums {
            let totals: [Value] = try database.store.read {
                try $0.all(
                    """
                    WITH given (x) AS (\(rows)),
                        entry (x) AS (SELECT CAST(COALESCE(x, \(null)) AS \(.int64)) FROM given)
                    SELECT \(SQL(sum: "x")) AS total FROM entry
                    """
                ) { try $0["total"] }
            }
            #expect(totals == [sum.stored], "\(rows.template)")
        }
    }

    @Test(arguments: ConformingEngine.allCases)
    func knowsTheRowBeforeByKey(engine: ConformingEngine) throws {
        let database = try ConformingDatabase.ofPens(on: engine)
        try database.store.write {
            try $0.run(
                "INSERT INTO pens (id, stock) VALUES (1, 3), (2, 7), (3, 4), (4, 9)")
        }
        // Twice on one connection: a statement has no state from its previous run.
        for _ in 0..<2 {
            let found: [Int64] = try database.store.read {
                try $0.all(
                    """
                    SELECT \(.previous("pens", key: "id % 2", value: "stock")) AS before
                    FROM pens ORDER BY id
                    """
                ) { try $0["before"] }
            }
            #expect(found == [0, 0, 3, 7])
        }
    }
}
