public import Storage

extension SQLiteStore {
    /// What must hold for any SQLite file, and the statements that find where it does not.
    ///
    /// Each selects a text column `subject`.
    /// https://www.sqlite.org/pragma.html#pragma_integrity_check
    public static let integrity: [(sentence: String, breaches: SQL)] = [
        (
            "The file is whole, and each index agrees with its table.",
            "SELECT integrity_check AS subject FROM pragma_integrity_check WHERE integrity_check <> 'ok'"
        ),
        (
            "Every reference points at a row.",
            """
            SELECT "table" || ' row ' || rowid || ' points into ' || parent AS subject
            FROM pragma_foreign_key_check
            """
        ),
    ]
}
