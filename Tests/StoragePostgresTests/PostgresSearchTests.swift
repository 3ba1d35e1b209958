import PostgresFixture
import Storage
import StoragePostgres
import Testing
import Words

/// The full-text index as a slice uses it: by the names of Storage only.
@Suite struct PostgresSearchTests {
    static let index = FullText("notes", [("title", weight: 10), ("body", weight: 1)])

    static let notes: [(id: Int64, title: String, body: String)] = [
        (1, "A green pen", "writes"),
        (2, "Paper", "for a pen"),
        (7, "Crème brûlée", "Straße 12"),
        (40, "pencil case", #"say "hello world" 0x1f 1e5"#),
        (41, "鋼筆 🖋️", "для письма"),
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
    private func found(_ typed: String, in store: PostgresStore, isRanked: Bool = true) throws
        -> [Int64]
    {
        let query = FullTextQuery(searchTerms(typed).map { ($0.word, $0.isPrefix) })
        guard !query.isEmpty else { return [] }
        return try store.read { tx in
            try tx.all(
                """
                \(.found(PostgresSearchTests.index, isRanked: isRanked)) \(query) \(.foundEnd)
                ORDER BY score DESC, id
                """
            ) { row in
                let score: Int64 = try row["score"]
                #expect(isRanked ? score > 0 : score == 0)
                return try row["id"]
            }
        }
    }

    @Test(
        arguments: [
            ("pen", [1, 2, 40]), ("PEN", [1, 2, 40]), ("pen writes", [1]), ("writ pen", []),
            ("penc", [40]), ("creme", [7]), ("CRÈME bru", [7]), ("straß", [7]), ("12", [7]),
            (#"say "hello"#, [40]), ("pen OR creme", []), ("title:pen", []), ("pen*", [1, 2, 40]),
            ("? !", []), ("0x1f", [40]), ("1e5", [40]), ("1e", [40]), ("鋼筆", [41]),
            ("письма", [41]), ("🖋️", [41]), ("pen' | 'a", [1, 2]), ("pen & !green", [1]),
            (#"pen\"#, [1, 2, 40]),
        ] as [(String, [Int64])])
    func findsWords(typed: String, ids: [Int64]) throws {
        let pens = try filled()
        #expect(try found(typed, in: pens.store).sorted() == ids)
        #expect(try found(typed, in: pens.store, isRanked: false) == ids)
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

    @Test func followsChangesAndRollbacks() throws {
        let pens = try filled()
        let store = pens.store
        try store.write { tx in
            try tx.run("UPDATE notes SET title = 'A red quill' WHERE \(.document) = \(1 as Int64)")
            try tx.run("DELETE FROM notes WHERE \(.document) = \(2 as Int64)")
        }
        #expect(try found("pen", in: store) == [40])
        #expect(try found("quill", in: store) == [1])
        try store.write(.rollback) { tx in
            try tx.run("DELETE FROM notes WHERE \(.document) = \(1 as Int64)")
            try add((id: 3, title: "ink", body: ""), in: tx)
        }
        #expect(try found("ink", in: store) == [])
        #expect(try found("quill", in: store) == [1])
        try store.merge(PostgresSearchTests.index)
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
                    \(.found(PostgresSearchTests.index, isRanked: true)) \(query) \(.foundEnd)
                    ORDER BY id DESC LIMIT 10
                ) AS found
                """)
        #expect(plan.contains { $0.contains("notes_words") }, "\(plan)")
    }
}
