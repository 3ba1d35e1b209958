import CSQLite
import Words

/// Adds `souk_words`, `souk_folded_key` and `souk_sort_key`, each with one text argument.
///
/// `souk check` uses them to compare stored keys with the text that they were made from.
func addTextFunctions(to database: OpaquePointer) {
    // Registering fails only if memory runs out. A statement that uses the function then fails.
    let flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC
    sqlite3_create_function_v2(
        database, "souk_words", 1, flags, nil, { answer($0, $2, searchWords) }, nil, nil, nil)
    sqlite3_create_function_v2(
        database, "souk_folded_key", 1, flags, nil, { answer($0, $2, foldedKey) }, nil, nil, nil)
    sqlite3_create_function_v2(
        database, "souk_sort_key", 1, flags, nil, { answer($0, $2, sortKey) }, nil, nil, nil)
}

/// Answers with `function` of the argument; NULL counts as an empty text.
private func answer(
    _ context: OpaquePointer?, _ arguments: UnsafeMutablePointer<OpaquePointer?>?,
    _ function: (String) -> String
) {
    let argument = arguments?[0]
    let text = UnsafeRawBufferPointer(
        start: sqlite3_value_text(argument), count: Int(sqlite3_value_bytes(argument)))
    var result = function(String(decoding: text, as: UTF8.self))
    result.withUTF8 {
        // -1 is SQLITE_TRANSIENT: SQLite copies the text before this returns.
        sqlite3_result_text(
            context, UnsafeRawPointer($0.baseAddress)?.assumingMemoryBound(to: CChar.self),
            Int32($0.count), unsafeBitCast(-1, to: sqlite3_destructor_type.self))
    }
}
