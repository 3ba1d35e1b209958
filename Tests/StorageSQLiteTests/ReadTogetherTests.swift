import Storage
import StorageSQLite
import Synchronization
import Testing

@Suite struct ReadTogetherTests {
    private static let countPens: @Sendable (any Transaction) throws -> Int64 = {
        try $0.first("SELECT COUNT(*) AS n FROM pens")?["n"] ?? -1
    }

    @Test func allReadOneSnapshotWhileAnotherStoreWrites() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let other = try folder.store()
        let bodies = Array(repeating: Self.countPens, count: 40)
        for round in 0..<20 {
            let isOver = Atomic(false)
            let counts = Mutex<[[Int64]]>([])
            onThreads(2) { number in
                do {
                    guard number == 0 else {
                        while !isOver.load(ordering: .relaxed) {
                            try other.write { try $0.run("INSERT INTO pens (stock) VALUES (1)") }
                        }
                        return
                    }
                    defer { isOver.store(true, ordering: .relaxed) }
                    let found = try store.readTogether(bodies, atOnce: 4) { _ in }
                    counts.withLock { $0.append(found) }
                } catch {
                    Issue.record(error)
                }
            }
            let found = counts.withLock { $0 }
            #expect(
                found.count == 1 && found[0].count == 40 && Set(found[0]).count == 1, "\(round)")
        }
    }

    @Test func resultsAreInTheOrderOfTheirBodies() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let seen = Mutex<[Int]>([])
        let bodies = (0..<20).map { number in { @Sendable (_: any Transaction) in number } }
        let found = try store.readTogether(bodies, atOnce: 3) { done in
            seen.withLock { $0.append(done) }
        }
        #expect(found == Array(0..<20))
        #expect(seen.withLock { $0 } == Array(1...20))
    }

    @Test func anErrorIsThrownAndTheRestSkipped() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let ran = Atomic(0)
        let bodies: [@Sendable (any Transaction) throws -> Int] = (0..<50).map { number in
            { _ in
                ran.add(1, ordering: .relaxed)
                if number == 3 { throw StoreError.unavailable("no more") }
                return number
            }
        }
        #expect(throws: StoreError.unavailable("no more")) {
            try store.readTogether(bodies, atOnce: 1) { _ in }
        }
        #expect(ran.load(ordering: .relaxed) == 4)
    }

    /// `weight` is 0 only for values that cancel out, by key and by sum.
    static let rows: [(rows: SQL, cancels: Bool)] = [
        ("VALUES (1, 'a', 5, 0), (1, 'a', -5, 0)", true),
        (
            "VALUES (1, 'a', 5, 7), (2, 'a', 6, -9), (2, 'a', -6, 9), (1, 'a', -2, -7), (1, 'a', -3, 0)",
            true
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

    @Test(arguments: rows) func weighs(rows: SQL, cancels: Bool) throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let weight: Int64? = try store.read {
            try $0.first(
                """
                WITH entry (number, name, first, second) AS (\(rows))
                SELECT \(SQL(weight: ["first", "second"], of: "number, name")) AS weight FROM entry
                """)?["weight"]
        }
        #expect((weight == 0) == cancels, "\(String(describing: weight))")
    }

    static let sums: [(rows: SQL, sum: Int64?)] = [
        ("SELECT 1 WHERE 1 = 0", nil),
        ("VALUES (NULL)", nil),
        ("VALUES (3), (NULL), (-5)", -2),
        ("VALUES (9223372036854775807), (1)", .max),
        ("VALUES (9223372036854775807), (9223372036854775807), (-9223372036854775807)", .max),
        ("VALUES (9223372036854775807), (1), (-1)", .max),
        ("VALUES (9223372036854775807), (-9223372036854775807), (-9223372036854775807)", -.max),
        ("VALUES (-9223372036854775807), (-1)", .min),
        ("VALUES (-9223372036854775807), (-9)", .min),
        ("VALUES (9223372036854775807 * 2)", .max),
    ]

    @Test(arguments: sums) func sumsStayWithinTheirBounds(rows: SQL, sum: Int64?) throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let totals: [Value] = try store.read {
            try $0.all("WITH entry (x) AS (\(rows)) SELECT \(SQL(sum: "x")) AS total FROM entry") {
                try $0["total"]
            }
        }
        #expect(totals == [sum.stored])
    }

    @Test func theFunctionPreviousKnowsTheRowBeforeByKey() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        try store.write {
            try $0.run(
                "INSERT INTO pens (name, stock) VALUES ('a', 3), ('b', 7), ('c', 4), ('d', 9)")
        }
        // Twice on one connection: a statement has no state from its previous run.
        for _ in 0..<2 {
            let found: [Int64] = try store.read {
                try $0.all(
                    """
                    SELECT \(.previous("pens", key: "id % 2", value: "stock")) AS before FROM pens
                    ORDER BY id
                    """
                ) { try $0["before"] }
            }
            #expect(found == [0, 0, 3, 7])
        }
    }
}
