import Storage
import Testing
import Words

/// The full-text index as a slice uses it.
@Suite struct FullTextConformance {
    private static let index = FullText("notes", [("title", weight: 10), ("body", weight: 1)])

    private static let notes: [(id: Int64, title: String, body: String)] = [
        (1, "A green pen", "writes"),
        (2, "Paper", "for a pen"),
        (7, "Crème brûlée", "Straße 12"),
        (40, "pencil case", #"say "hello world" 0x1f 1e5"#),
        (41, "鋼筆 🖋️", "для письма"),
    ]

    private func filled(on engine: ConformingEngine) throws -> ConformingDatabase {
        let database = try ConformingDatabase(on: engine)
        try database.store.write { tx in
            try tx.run("\(.create(Self.index))")
            try tx.run("\(.divide(Self.index))")
            for note in Self.notes { try add(note, in: tx) }
        }
        return database
    }

    private func add(
        _ note: (id: Int64, title: String, body: String), in tx: any Transaction
    ) throws {
        try tx.later(
            """
            INSERT INTO notes (\(.document), title, body)
            VALUES (\(note.id), \(searchWords(note.title)), \(searchWords(note.body)))
            """)
    }

    /// The matching documents, best first.
    private func found(
        _ typed: String, in store: any Engine, newest: Int = 1000, isRanked: Bool = true
    ) throws -> [Int64] {
        let query = FullTextQuery(searchTerms(typed).map { ($0.word, $0.isPrefix) })
        guard !query.isEmpty else { return [] }
        let search = SQL(newest: newest, of: Self.index, matching: query, isRanked: isRanked)
        return try store.read { tx in
            try tx.all("SELECT id, score FROM (\(search)) AS found ORDER BY score DESC, id") {
                let score: Int64 = try $0["score"]
                #expect(isRanked ? score >= 0 : score == 0)
                return try $0["id"]
            }
        }
    }

    private static let searches: [(typed: String, ids: [Int64])] = [
        ("pen", [1, 2, 40]), ("PEN", [1, 2, 40]), ("pen writes", [1]), ("writ pen", []),
        ("penc", [40]), ("creme", [7]), ("CRÈME bru", [7]), ("straß", [7]), ("12", [7]),
        (#"say "hello"#, [40]), (#"say"hello"#, [40]), (#""hello world""#, [40]),
        ("hello\"\u{301} world", [40]), ("pen OR creme", []), ("title:pen", []),
        ("pen -green", [1]), ("pen*", [1, 2, 40]), ("pen ?", [1, 2, 40]), ("? !", []), ("\"", []),
        ("\"\u{301}", []), ("0x1f", [40]), ("1e5", [40]), ("1e", [40]), ("鋼筆", [41]),
        ("письма", [41]), ("🖋️", [41]), ("pen' | 'a", [1, 2]), ("pen & !green", [1]),
        (#"pen\"#, [1, 2, 40]),
    ]

    @Test(arguments: ConformingEngine.allCases) func findsWords(engine: ConformingEngine) throws {
        let database = try filled(on: engine)
        for (typed, ids) in Self.searches {
            #expect(try found(typed, in: database.store).sorted() == ids, "\(typed)")
            #expect(try found(typed, in: database.store, isRanked: false) == ids, "\(typed)")
        }
    }

    @Test(arguments: ConformingEngine.allCases)
    func countsAWordOfAHeavierColumnMore(engine: ConformingEngine) throws {
        let database = try filled(on: engine)
        #expect(try found("pen", in: database.store).last == 2)
    }

    @Test(arguments: ConformingEngine.allCases)
    func followsChangesAndRollbacks(engine: ConformingEngine) throws {
        struct Undone: Error {}
        let database = try filled(on: engine)
        let store = database.store
        let changed: Int64 = 1
        try store.write { tx in
            try tx.run("UPDATE notes SET title = 'A red quill' WHERE \(.document) = \(changed)")
            try tx.run("DELETE FROM notes WHERE \(.document) = \(2 as Int64)")
        }
        #expect(try found("pen", in: store) == [40])
        #expect(try found("quill", in: store) == [1])
        try store.write(.rollback) { tx in
            try tx.run("DELETE FROM notes WHERE \(.document) = \(changed)")
            try add((id: 3, title: "ink", body: ""), in: tx)
        }
        #expect(throws: Undone.self) {
            try store.write { tx in
                try add((id: 4, title: "ink", body: ""), in: tx)
                throw Undone()
            }
        }
        try store.merge(Self.index)
        #expect(try found("ink", in: store) == [])
        #expect(try found("quill", in: store) == [1])
    }

    /// Common, rare and clustered words may be read in different ways, which find the same.
    @Test(arguments: ConformingEngine.allCases)
    func findsTheNewestDocuments(engine: ConformingEngine) throws {
        let database = try filled(on: engine)
        let ids = Array(100..<3100 as Range<Int64>)
        let has: [(word: String, @Sendable (Int64) -> Bool)] = [
            ("every", { _ in true }), ("third", { $0 % 3 == 0 }), ("rare", { $0 % 200 == 0 }),
            ("new", { $0 >= 3050 }), ("old", { $0 < 150 }), ("none", { _ in false }),
        ]
        try database.store.write { tx in
            for id in ids {
                let words = has.filter { $0.1(id) }.map(\.word).joined(separator: " ")
                try add((id, words, ""), in: tx)
            }
        }
        for (word, matches) in has {
            let expected = ids.filter(matches)
            for newest in [40, 100, 5000] {
                #expect(
                    try found(word, in: database.store, newest: newest, isRanked: false)
                        == expected.suffix(newest), "\(word) \(newest)")
            }
        }
    }
}
