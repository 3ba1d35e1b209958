import PostgresFixture
import Storage
import StoragePostgres
import Testing

/// Searches among many documents, whichever way the server finds the newest matches.
@Suite struct PostgresLargeSearchTests {
    private static let index = PostgresSearchTests.index
    private static let newest = 100

    /// 100,000 documents, of which 20,000 are removed again.
    private static let filled = Result {
        let pens = try PostgresPens()
        try pens.store.write { tx in
            try tx.run("\(.create(index))")
            try tx.run("\(.divide(index))")
            try tx.run(
                """
                INSERT INTO notes (document, title, body)
                SELECT n, concat_ws(' ', 'pen',
                    CASE WHEN n % 10 = 0 THEN 'tenth' END,
                    CASE WHEN n % 100 = 0 THEN 'hundredth' END,
                    CASE WHEN n % 1000 = 0 THEN 'thousandth' END,
                    CASE WHEN n <= 60000 THEN 'old' END,
                    CASE WHEN n = 777 THEN 'single' END,
                    CASE WHEN n BETWEEN 20001 AND 21000 THEN 'burst' END,
                    CASE WHEN n > 99900 THEN 'new' END), 'text' || n % 7
                FROM generate_series(1, 100000) AS n
                """)
            try tx.run("DELETE FROM notes WHERE document BETWEEN 60001 AND 80000")
        }
        try pens.store.merge(index)
        return pens
    }

    private static let searches: [[String]] = [
        ["pen"], ["tenth"], ["hundredth"], ["thousandth"], ["old"], ["single"], ["burst"], ["new"],
        ["missing"], ["hundredth", "old"], ["tenth", "burst"], ["new", "old"], ["t*"], ["ol*"],
        ["hundredth", "ol*"], ["bur*"], ["text3", "tenth"], ["pen", "te*"], ["pen", "x*"],
    ]

    private func query(_ words: [String]) -> FullTextQuery {
        FullTextQuery(words.map { ($0.replacing("*", with: ""), $0.hasSuffix("*")) })
    }

    /// The condition as PostgreSQL writes it, for a comparison without any index.
    private func condition(_ words: [String]) -> String {
        words.map { "'\($0.replacing("*", with: ""))'\($0.hasSuffix("*") ? ":*" : "")" }
            .joined(separator: " & ")
    }

    @Test(arguments: searches) func findsTheNewestMatches(words: [String]) throws {
        let store = try Self.filled.get().store
        let search = SQL(newest: Self.newest, of: Self.index, matching: query(words))
        let found: [Int64] = try store.read { tx in
            try tx.all("SELECT id FROM (\(search)) AS found ORDER BY id DESC") { try $0["id"] }
        }
        let expected: [Int64] = try store.read { tx in
            try tx.all(
                """
                SELECT document AS id FROM notes
                WHERE words @@ (SELECT CAST(\(condition(words)) AS TSQUERY))
                ORDER BY document DESC LIMIT \(Int64(Self.newest))
                """
            ) { try $0["id"] }
        }
        #expect(found == expected)
    }

    /// The table has about 1,200 pages.
    ///
    /// Reading each match of `hundredth` would read more than 800.
    @Test(arguments: searches) func readsFewPages(words: [String]) throws {
        let store = try Self.filled.get().store
        let search = SQL(newest: Self.newest, of: Self.index, matching: query(words))
        let lines: [String] = try store.read { tx in
            try tx.all("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) \(search)") {
                try $0["QUERY PLAN"]
            }
        }
        let buffers = try #require(lines.first { $0.contains("Buffers: ") })
        let pages = buffers.matches(of: /(?:hit|read)=([0-9]+)/).compactMap { Int($0.output.1) }
        #expect(pages.reduce(0, +) < 700, "\(words): \(buffers)")
    }
}
