import Storage
import StorageSQLite
import Testing
import Words

/// The full-text index as a slice uses it: by the names of Storage only.
@Suite struct FullTextTests {
    static let index = FullText("notes", [("title", weight: 10), ("body", weight: 1)])

    static let notes: [(id: Int64, title: String, body: String)] = [
        (1, "A green pen", "writes"),
        (2, "Paper", "for a pen"),
        (7, "Crème brûlée", "Straße 12"),
        (40, "pencil case", #"say "hello world""#),
    ]

    private func store(in folder: Folder) throws -> SQLiteStore {
        let store = try folder.store()
        try store.write { tx in
            try tx.run("\(.create(FullTextTests.index))")
            for note in FullTextTests.notes { try add(note, in: tx) }
        }
        return store
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

    private func query(_ typed: String) -> FullTextQuery {
        FullTextQuery(searchTerms(typed).map { ($0.word, $0.isPrefix) })
    }

    /// The matching documents, best first.
    private func found(_ typed: String, in store: SQLiteStore) throws -> [Int64] {
        let query = query(typed)
        guard !query.isEmpty else { return [] }
        return try store.read { tx in
            try tx.all(
                """
                \(.found(FullTextTests.index, isRanked: true)) \(query) \(.foundEnd)
                ORDER BY score DESC, id
                """
            ) { row in
                let score: Int64 = try row["score"]
                #expect(score >= 0)
                return try row["id"]
            }
        }
    }

    @Test(
        arguments: [
            ("pen", [1, 2, 40]),
            ("PEN", [1, 2, 40]),
            ("pen writes", [1]),
            ("writ pen", []),
            ("penc", [40]),
            ("creme", [7]),
            ("CRÈME bru", [7]),
            ("straß", [7]),
            ("12", [7]),
            (#"say "hello"#, [40]),
            (#"say"hello"#, [40]),
            (#""hello world""#, [40]),
            ("hello\"\u{301} world", [40]),
            ("pen OR creme", []),
            ("title:pen", []),
            ("pen -green", [1]),
            ("pen*", [1, 2, 40]),
            ("pen ?", [1, 2, 40]),
            ("? !", []),
            ("\"", []),
            ("\"\u{301}", []),
        ] as [(String, [Int64])])
    func findsWords(typed: String, ids: [Int64]) throws {
        let folder = try Folder()
        let store = try store(in: folder)
        #expect(try found(typed, in: store).sorted() == ids)
    }

    @Test func countsAWordOfAHeavierColumnMore() throws {
        let folder = try Folder()
        let store = try store(in: folder)
        #expect(try found("pen", in: store).last == 2)
    }

    @Test func aQueryWithoutAWordFindsNothing() throws {
        let query = FullTextQuery(
            ["", "AND", "a b", "\"", "a*"].map { ($0, isPrefix: false) })
        #expect(query.isEmpty && query.stored == Value.text(""))
        let two = FullTextQuery(["te", "mint"].map { ($0, isPrefix: $0 == "te") })
        #expect(two.stored == Value.text("te* mint"))
        #expect(FullTextQuery(stored: .text("pen")) == nil)
        let folder = try Folder()
        #expect(try found("?", in: try store(in: folder)) == [])
    }

    @Test func followsChangesAndRollbacks() throws {
        struct Undone: Error {}
        let folder = try Folder()
        let store = try store(in: folder)
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
        #expect(throws: Undone.self) {
            try store.write { tx in
                try add((id: 4, title: "ink", body: ""), in: tx)
                throw Undone()
            }
        }
        #expect(try found("ink", in: store) == [])
        #expect(try found("quill", in: store) == [1])
    }

    @Test func isMergedIntoOnePieceThatFindsTheSame() throws {
        let folder = try Folder()
        let store = try store(in: folder)
        for number in 100..<400 as Range<Int64> {
            try store.write { try add((id: number, title: "pen \(number)", body: "ink"), in: $0) }
        }
        let pieces: SQL = "SELECT COUNT(DISTINCT segid) AS n FROM notes_idx"
        #expect(try store.number(pieces) ?? 0 > 1)
        let before = try found("pen", in: store)
        try store.merge(FullTextTests.index)
        #expect(try store.number(pieces) == 1)
        #expect(try found("pen", in: store) == before)
        try store.merge(FullTextTests.index)
        #expect(try found("pen 123", in: store) == [123])
    }

    /// It ranks like FTS5's own function, although it does not count all documents of words in more
    /// than 1,000 documents.
    @Test func ranksAsBM25Does() throws {
        let folder = try Folder()
        let store = try store(in: folder)
        try store.write { tx in
            for number in 100..<5100 as Range<Int64> {
                let title =
                    "\(number % 2 == 0 ? "pen" : "ink") \(number % 7 == 0 ? "pen" : "") \(number)"
                let body = String(repeating: "word ", count: Int(number % 13))
                try add((id: number, title: title, body: body), in: tx)
            }
        }
        for typed in ["pen", "ink 21", "pen word", "word"] {
            let query = query(typed)
            let scores = try store.read { tx in
                try tx.all(
                    """
                    SELECT found.score AS ours,
                        CAST(bm25(notes, 10.0, 1.0) * -1000000000 AS INTEGER) AS theirs
                    FROM notes JOIN (
                        \(.found(FullTextTests.index, isRanked: true)) \(query) \(.foundEnd)
                    ) AS found ON found.id = notes.rowid
                    WHERE notes MATCH \(query)
                    """
                ) { (Double(try $0["ours"] as Int64), Double(try $0["theirs"] as Int64)) }
            }
            #expect(!scores.isEmpty)
            for (ours, theirs) in scores { #expect(abs(ours - theirs) <= max(0.1 * theirs, 30)) }
        }
    }

    /// Failing and succeeding jobs share commits.
    ///
    /// Each failing job undoes its own words only.
    @Test func keepsTheWordsOfCommittedJobs() throws {
        struct Undone: Error {}
        let folder = try Folder()
        let store = try store(in: folder)
        onThreads(16) { thread in
            for turn in 0..<20 {
                let id = Int64(1000 + thread * 100 + turn)
                try? store.write { tx in
                    try add((id: id, title: "word \(thread)", body: "turn\(turn)"), in: tx)
                    if (thread + turn) % 3 == 0 { throw Undone() }
                }
            }
        }
        for turn in 0..<20 {
            let ids = (0..<16).filter { ($0 + turn) % 3 != 0 }.map { Int64(1000 + $0 * 100 + turn) }
            let hits = try found("turn\(turn)", in: store).filter { ($0 - 1000) % 100 == turn }
            #expect(hits.sorted() == ids)
        }
    }
}
