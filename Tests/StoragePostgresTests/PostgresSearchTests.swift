import PostgresFixture
import Storage
import StoragePostgres
import Testing
import Words

@Suite struct PostgresSearchTests {
    static let index = FullText("notes", [("title", weight: 10), ("body", weight: 1)])

    static let notes: [(id: Int64, title: String, body: String)] = [
        (1, "A green pen", "writes"),
        (2, "Paper", "for a pen"),
        (40, "pencil case", "say hello world"),
    ]

    private func filled() throws -> PostgresPens {
        let pens = try PostgresPens()
        try pens.store.write { tx in
            try tx.run("\(.create(PostgresSearchTests.index))")
            for note in PostgresSearchTests.notes { try add(note, in: tx) }
        }
        return pens
    }

    private func add(
        _ note: (id: Int64, title: String, body: String), in tx: any Transaction
    ) throws {
        try tx.run(
            """
            INSERT INTO notes (\(.document), title, body)
            VALUES (\(note.id), \(searchWords(note.title)), \(searchWords(note.body)))
            """)
    }

    /// The matching documents, best first.
    private func found(_ typed: String, in store: PostgresStore) throws -> [Int64] {
        let query = FullTextQuery(searchTerms(typed).map { ($0.word, $0.isPrefix) })
        let search = SQL(newest: 1000, of: PostgresSearchTests.index, matching: query)
        return try store.read {
            try $0.all("SELECT id FROM (\(search)) AS found ORDER BY score DESC, id") {
                try $0["id"]
            }
        }
    }

    /// A heavier column counts more, and a shorter document more than a longer one.
    @Test func ranksWords() throws {
        let pens = try filled()
        #expect(try found("pen", in: pens.store) == [1, 40, 2])
        try pens.store.write { tx in
            try add((50, "A green pen with a cap", ""), in: tx)
            try add((51, "Pen", "a pen"), in: tx)
        }
        #expect(try found("pen", in: pens.store).filter { $0 != 40 } == [51, 1, 50, 2])
        #expect(try found("green pen", in: pens.store) == [1, 50])
    }

    /// The longest text that a product may have, with the longest words.
    @Test func holdsLongTexts() throws {
        let pens = try filled()
        let long = String(repeating: "鋼", count: 64)
        let words = (0..<4000).map { "\(long)\($0)" }.joined(separator: " ")
        try pens.store.write { tx in
            try tx.run("INSERT INTO notes (\(.document), title, body) VALUES (99, 'x', \(words))")
        }
        #expect(
            try pens.store.number(
                "SELECT document AS n FROM notes WHERE words @@ CAST(\(long + "3999") AS TSQUERY)")
                == 99)
    }

    @Test func usesItsIndex() throws {
        let pens = try filled()
        let query = FullTextQuery([("pen", isPrefix: true)])
        let plan = try pens.store.queryPlan(
            of: """
                SELECT id FROM (
                    \(SQL(newest: 10, of: PostgresSearchTests.index, matching: query))
                ) AS found
                """)
        #expect(plan.contains { $0.contains("notes_words") }, "\(plan)")
    }
}
