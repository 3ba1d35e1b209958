public import Storage

extension SQLiteStore {
    /// The rules for any SQLite file, the slowest first.
    ///
    /// https://www.sqlite.org/pragma.html#pragma_integrity_check
    public var integrity: [Invariant] {
        [
            Invariant(
                """
                The file is whole, each index agrees with its table, and each row keeps its \
                table's rules.
                """,
                breaches: """
                    SELECT integrity_check AS subject FROM pragma_integrity_check
                    WHERE integrity_check <> 'ok'
                    """),
            Invariant(
                "Every foreign key refers to an existing row.",
                // A WITHOUT ROWID table has no row numbers.
                breaches: """
                    SELECT "table" || COALESCE(' row ' || rowid, '') || ' points into ' || parent
                        AS subject
                    FROM pragma_foreign_key_check
                    """),
        ]
    }
}
