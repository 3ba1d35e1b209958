import CSQLite

// souk_sum(x): like SUM, but returns the nearest 64-bit bound instead of failing with "integer
// overflow". https://www.sqlite.org/lang_aggfunc.html#sumunc

/// 128 bits in two words, because SQLite aligns an aggregate's context to 8 bytes only.
private struct Sum {
    var low: UInt64
    var high: Int64
}

/// Adds the value of one row, and ignores NULL.
func addToSum(
    _ context: OpaquePointer?, _ count: Int32, _ arguments: UnsafeMutablePointer<OpaquePointer?>?
) {
    guard let argument = arguments?.pointee, sqlite3_value_type(argument) != SQLITE_NULL else {
        return
    }
    guard let sum = sqlite3_aggregate_context(context, 16)?.assumingMemoryBound(to: Sum.self)
    else { return sqlite3_result_error_nomem(context) }
    // A value beyond 64 bits, such as a product of two columns, is a REAL. SQLite converts it to
    // the nearest bound.
    let value = sqlite3_value_int64(argument)
    let (low, carry) = sum.pointee.low.addingReportingOverflow(UInt64(bitPattern: value))
    sum.pointee.low = low
    sum.pointee.high += (value < 0 ? -1 : 0) + (carry ? 1 : 0)
}

/// Returns the sum, or NULL if no row had a value.
func finishSum(_ context: OpaquePointer?) {
    guard let sum = sqlite3_aggregate_context(context, 0)?.assumingMemoryBound(to: Sum.self).pointee
    else { return sqlite3_result_null(context) }
    let low = Int64(bitPattern: sum.low)
    let isExact = sum.high == (low < 0 ? -1 : 0)
    sqlite3_result_int64(context, isExact ? low : sum.high < 0 ? .min : .max)
}
