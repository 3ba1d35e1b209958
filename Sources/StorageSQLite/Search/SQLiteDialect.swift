import Storage

/// How SQLite spells what engines spell differently. https://www.sqlite.org/fts5.html
func spelled(_ dialect: SQL.Dialect) -> String {
    switch dialect {
    // Without the second word the id of a deleted newest row would be given out again, and an old
    // address would lead to somebody else's thing. https://www.sqlite.org/autoinc.html
    case .identity: "INTEGER PRIMARY KEY AUTOINCREMENT"
    // With it, each row costs a search in the table of all such tables, and a write to it.
    case .serial: "INTEGER PRIMARY KEY"
    // A STRICT table knows no other name for it. https://www.sqlite.org/stricttables.html
    case .int64: "INTEGER"
    case .strict: "STRICT"
    // https://www.sqlite.org/withoutrowid.html
    case .keyed: "STRICT, WITHOUT ROWID"
    case .create(let index):
        // The prefixes of two and three bytes have an index of their own; longer ones are few. The
        // tokenizer cuts at spaces only, as a word has no other separator of ASCII.
        """
        CREATE VIRTUAL TABLE \(index.name) USING fts5 (
            \(index.columns.map { "\($0.name)" }.joined(separator: ", ")),
            tokenize = 'ascii', prefix = '2 3'
        )
        """
    case .document: "rowid"
    // FTS5 reads a `FullTextQuery` as it is stored: words without quotes that must all be there, and
    // prefixes. No word is an operator: those are in capitals.
    case .fits(let index): "\(index.name) MATCH"
    case .score(let index):
        "souk_rank(\(index.name), \(index.columns.map { "\($0.weight).0" }.joined(separator: ", ")))"
    // A unary plus does nothing to a value and keeps indexes away, and SQLite reads the tables of a
    // CROSS JOIN in their order. https://www.sqlite.org/optoverview.html
    case .unindexed: "+"
    case .orderedJoin: "CROSS JOIN"
    // Functions.swift and Sum.swift, and above Ranking.swift
    case .weight: "souk_weight"
    case .sum: "souk_sum"
    case .previous: "souk_previous"
    case .words: "souk_words"
    case .foldedKey: "souk_folded_key"
    case .sortKey: "souk_sort_key"
    }
}
