public import Storage

extension SQLiteStore {
    /// What must hold for any SQLite file, what takes longest first, and the statements that find
    /// where it does not.
    ///
    /// Each selects a text column `subject`.
    /// https://www.sqlite.org/pragma.html#pragma_integrity_check
    public static let integrity: [(sentence: String, breaches: SQL)] = [
        (
            "The file is whole, each index agrees with its table, and each row keeps its table's rules.",
            "SELECT integrity_check AS subject FROM pragma_integrity_check WHERE integrity_check <> 'ok'"
        ),
        (
            "Every reference points at a row.",
            // A table that lies in the order of its key has no number for a row.
            """
            SELECT "table" || COALESCE(' row ' || rowid, '') || ' points into ' || parent AS subject
            FROM pragma_foreign_key_check
            """
        ),
    ]
}
