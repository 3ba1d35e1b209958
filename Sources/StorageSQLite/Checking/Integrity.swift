public import Storage

extension SQLiteStore {
    /// The rules for any SQLite file, each with a statement that finds its violations.
    ///
    /// The slowest comes first. Each statement selects a text column `subject`.
    /// https://www.sqlite.org/pragma.html#pragma_integrity_check
    public static let integrity: [(sentence: String, breaches: SQL)] = [
        (
            "The file is whole, each index agrees with its table, and each row keeps its table's rules.",
            "SELECT integrity_check AS subject FROM pragma_integrity_check WHERE integrity_check <> 'ok'"
        ),
        (
            "Every foreign key refers to an existing row.",
            // A WITHOUT ROWID table has no row numbers.
            """
            SELECT "table" || COALESCE(' row ' || rowid, '') || ' points into ' || parent AS subject
            FROM pragma_foreign_key_check
            """
        ),
    ]
}
