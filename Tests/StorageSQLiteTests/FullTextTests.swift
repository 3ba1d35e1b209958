import Storage
import StorageSQLite
import Testing
import Words

@Suite struct FullTextTests {
    static let index = FullText("notes", [("title", weight: 10), ("body", weight: 1)])

    static let notes: [(id: Int64, title: String, body: String)] = [
        (1, "A green pen", "writes"),
        (2, "Paper", "for a pen"),
        (40, "pencil case", "say hello world"),
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
        let search = SQL(newest: 1000, of: FullTextTests.index, matching: query(typed))
        return try store.read {
            try $0.all("SELECT id FROM (\(search)) AS found ORDER BY score DESC, id") {
                try $0["id"]
            }
        }
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
                        \(SQL(newest: 10_000, of: FullTextTests.index, matching: query))
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
