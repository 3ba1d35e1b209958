import Storage

/// A statement that changes the schema.
///
/// It runs in the simple protocol, in which a text may hold several statements.
struct SchemaChange: Error {
    let text: String
}

/// Returns the text of `sql` for the server.
///
/// A body must not begin or end a transaction, and what it sets must not reach the next user of the
/// connection.
///
/// - Throws: `StoreError.engine` for such a statement, or for none; `SchemaChange`.
func text(of sql: SQL, by runner: StatementRunner) throws -> String {
    let text = sql.text { spelled($0, isWrite: runner != .read) }
    guard runner != .store else { return text }
    let word = firstWord(of: text)
    guard !word.isEmpty else { throw StoreError.misuse("The text is not a statement.", text) }
    guard !controlWords.contains(word) else {
        throw StoreError.misuse("Only the store begins and ends transactions.", text)
    }
    if sql.values.isEmpty, schemaWords.contains(word) {
        guard runner == .write else { throw StoreError.misuse("A read must not write.", text) }
        throw SchemaChange(text: text)
    }
    return text
}

private let schemaWords: Set<String> = ["CREATE", "ALTER", "DROP", "COMMENT", "ANALYZE"]

private let controlWords: Set<String> = [
    "BEGIN", "START", "COMMIT", "END", "ABORT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PREPARE",
    "EXECUTE", "DEALLOCATE", "SET", "RESET", "DISCARD", "COPY", "LISTEN", "DECLARE", "FETCH",
    "CLOSE", "PRAGMA",
]

private func firstWord(of text: String) -> String {
    let start = text.drop { $0 == " " || $0 == "\n" || $0 == "(" }
    return start.prefix { $0.isLetter }.uppercased()
}
