import Storage

/// Returns SQLite's syntax for what engines write differently.
///
/// https://www.sqlite.org/fts5.html
func spelled(_ dialect: SQL.Dialect) -> String {
    switch dialect {
    // Without AUTOINCREMENT, SQLite would reuse the id of a deleted newest row, and an old URL
    // would show another resource. https://www.sqlite.org/autoinc.html
    case .identity: "INTEGER PRIMARY KEY AUTOINCREMENT"
    // AUTOINCREMENT costs a lookup and a write in `sqlite_sequence` for each row.
    case .serial: "INTEGER PRIMARY KEY"
    // STRICT tables accept no other name for the type. https://www.sqlite.org/stricttables.html
    case .int64: "INTEGER"
    case .strict: "STRICT"
    // https://www.sqlite.org/withoutrowid.html
    case .keyed: "STRICT, WITHOUT ROWID"
    // ALTER TABLE can add no other kind. https://www.sqlite.org/gencol.html
    case .generated: "VIRTUAL"
    case .create(let index):
        // Prefixes of two and three bytes have an index of their own; longer prefixes match few
        // words. The tokenizer splits at spaces only, because words contain no other ASCII
        // separator.
        """
        CREATE VIRTUAL TABLE \(index.name) USING fts5 (
            \(index.columns.map { "\($0.name)" }.joined(separator: ", ")),
            tokenize = 'ascii', prefix = '2 3'
        )
        """
    // FTS5 reads the documents of a word in their order, so it needs no parts.
    case .divide: "SELECT 1"
    case .document: "rowid"
    // The value of a `FullTextQuery` is FTS5 syntax: unquoted words that must all occur, and
    // prefixes. No word is an operator, because operators are in capitals.
    case .found(let search):
        """
        SELECT rowid AS id, \(search.isRanked ? rank(search.index) : "0") AS score
        FROM \(search.index.name) WHERE \(search.index.name) MATCH 
        """
    // FTS5 returns documents in this order, so it stops after the last one.
    case .foundEnd(let search): " ORDER BY rowid DESC LIMIT \(search.newest)"
    // A unary plus leaves a value unchanged and prevents the use of an index. SQLite reads the
    // tables of a CROSS JOIN in their order. https://www.sqlite.org/optoverview.html
    case .unindexed, .unindexedNumber: "+"
    case .orderedJoin: "CROSS JOIN"
    // Writers run one at a time.
    case .alone, .held, .skipping: ""
    // Defined in Functions.swift and Sum.swift.
    case .weight(.open(let count)): "souk_weight(\(count), "
    case .weight(.key), .weight(.next): ", "
    case .weight(.close), .sumEnd: ")"
    case .sum: "souk_sum("
    case .previous(let ledger, let key, let value): "souk_previous('\(ledger)', \(key), \(value))"
    }
}

/// Ranking.swift defines the function.
private func rank(_ index: FullText) -> String {
    "souk_rank(\(index.name), \(index.columns.map { "\($0.weight).0" }.joined(separator: ", ")))"
}
