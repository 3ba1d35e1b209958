import CSQLite
import Words

/// Adds what a check compares prepared columns with: `souk_words`, `souk_folded_key` and
/// `souk_sort_key`, each of one text.
func addTextFunctions(to database: OpaquePointer) {
    // Out of memory is all that can go wrong, and a statement then says that there is no such function.
    let flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC
    sqlite3_create_function_v2(
        database, "souk_words", 1, flags, nil, { answer($0, $2, searchWords) }, nil, nil, nil)
    sqlite3_create_function_v2(
        database, "souk_folded_key", 1, flags, nil, { answer($0, $2, foldedKey) }, nil, nil, nil)
    sqlite3_create_function_v2(
        database, "souk_sort_key", 1, flags, nil, { answer($0, $2, sortKey) }, nil, nil, nil)
}

/// NULL is as good as no text.
private func answer(
    _ context: OpaquePointer?, _ arguments: UnsafeMutablePointer<OpaquePointer?>?,
    _ function: (String) -> String
) {
    let argument = arguments?[0]
    let text = UnsafeRawBufferPointer(
        start: sqlite3_value_text(argument), count: Int(sqlite3_value_bytes(argument)))
    var result = function(String(decoding: text, as: UTF8.self))
    result.withUTF8 {
        // Copied before this returns, which is what -1 asks for.
        sqlite3_result_text(
            context, UnsafeRawPointer($0.baseAddress)?.assumingMemoryBound(to: CChar.self),
            Int32($0.count), unsafeBitCast(-1, to: sqlite3_destructor_type.self))
    }
}
