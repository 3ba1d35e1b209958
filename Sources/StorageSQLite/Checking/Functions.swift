import CSQLite

/// Adds the SQL functions `souk_weight`, `souk_previous` and `souk_sum` to a connection.
///
/// `souk check` uses them in place of joins and sorts, so that it reads each table once, in storage
/// order. See docs/decisions/0003 and https://www.sqlite.org/appfunc.html
func addFunctions(to database: OpaquePointer) {
    // Registering fails only if memory runs out. A statement that uses the function then fails.
    sqlite3_create_function_v2(
        database, "souk_weight", -1, SQLITE_UTF8, nil, nil, addWeight, finishWeight, nil)
    sqlite3_create_function_v2(
        database, "souk_previous", 3, SQLITE_UTF8, nil, previous, nil, nil, nil)
    sqlite3_create_function_v2(
        database, "souk_sum", 1, SQLITE_UTF8, nil, nil, addToSum, finishSum, nil)
}

private typealias Arguments = UnsafeMutablePointer<OpaquePointer?>

// MARK: souk_weight(n, sum, key…, sum, key…, …) with n sums and n times the same key

// Each row adds its sums, each multiplied by a random number that belongs to its key. If the sums
// of every key are 0, the result is 0. Otherwise it is 0 only with a probability of about 2^-61.
// https://en.wikipedia.org/wiki/Freivalds%27_algorithm

/// The prime 2^61 - 1, which is more than twice any sum of a shop.
private let prime: UInt64 = (1 << 61) - 1
/// The seed of this process, random so that nobody can construct sums that cancel out.
private let seed = UInt64.random(in: .min ... .max)

private func addWeight(_ context: OpaquePointer?, _ count: Int32, _ arguments: Arguments?) {
    guard let arguments, count > 0,
        let total = sqlite3_aggregate_context(context, 8)?.assumingMemoryBound(to: UInt64.self)
    else { return sqlite3_result_error_nomem(context) }
    let sums = Int(sqlite3_value_int64(arguments[0]))
    let stride = (Int(count) - 1) / sums
    var key: UInt64?
    for index in 0..<sums {
        let sum = sqlite3_value_int64(arguments[1 + index * stride])
        guard sum != 0 else { continue }
        let known = key ?? digest(arguments, 2..<1 + stride)
        key = known
        let factor = mixed(known &+ UInt64(index)) % (prime - 1) + 1
        let part = product(sum.magnitude % prime, factor)
        total.pointee = (total.pointee + (sum < 0 ? prime - part : part)) % prime
    }
}

private func finishWeight(_ context: OpaquePointer?) {
    let total = sqlite3_aggregate_context(context, 0)?.assumingMemoryBound(to: UInt64.self)
    sqlite3_result_int64(context, Int64(total?.pointee ?? 0))
}

/// A hash of the key of a row.
private func digest(_ arguments: Arguments, _ keys: Range<Int>) -> UInt64 {
    var digest = seed
    for index in keys {
        switch sqlite3_value_type(arguments[index]) {
        case SQLITE_INTEGER:
            digest = mixed(digest ^ UInt64(bitPattern: sqlite3_value_int64(arguments[index])))
        case SQLITE_NULL:
            digest = mixed(digest &+ 1)
        default:
            let text = UnsafeRawBufferPointer(
                start: sqlite3_value_text(arguments[index]),
                count: Int(sqlite3_value_bytes(arguments[index])))
            digest = mixed(digest &+ 2 &+ UInt64(text.count))
            for start in stride(from: 0, to: text.count, by: 8) {
                var word: UInt64 = 0
                withUnsafeMutableBytes(of: &word) {
                    $0.copyMemory(from: .init(rebasing: text[start..<min(start + 8, text.count)]))
                }
                digest = mixed(digest ^ word)
            }
        }
    }
    return digest
}

/// Scrambles a number with splitmix64.
///
/// https://prng.di.unimi.it/splitmix64.c
private func mixed(_ number: UInt64) -> UInt64 {
    var mixed = number &+ 0x9e37_79b9_7f4a_7c15
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
}

/// Returns `a * b` modulo the prime.
///
/// 2^61 is 1 modulo the prime, so the high bits are added to the low ones.
private func product(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let (high, low) = a.multipliedFullWidth(by: b)
    return ((low & prime) + (high << 3 | low >> 61)) % prime
}

// MARK: souk_previous('ledger', key, value)

/// The latest value of each key: about 32 MiB for a million keys.
private final class Latest {
    var values: [Int64: Int64] = [:]
}

private func previous(_ context: OpaquePointer?, _ count: Int32, _ arguments: Arguments?) {
    guard let arguments else { return }
    let key = sqlite3_value_int64(arguments[1])
    let value = sqlite3_value_int64(arguments[2])
    // SQLite keeps the auxiliary data of a constant argument until the statement ends.
    // https://www.sqlite.org/c3ref/get_auxdata.html
    let latest: Latest
    if let kept = sqlite3_get_auxdata(context, 0) {
        latest = Unmanaged<Latest>.fromOpaque(kept).takeUnretainedValue()
    } else {
        latest = Latest()
        sqlite3_set_auxdata(
            context, 0, Unmanaged.passRetained(latest).toOpaque(),
            { if let kept = $0 { Unmanaged<Latest>.fromOpaque(kept).release() } })
    }
    sqlite3_result_int64(context, latest.values.updateValue(value, forKey: key) ?? 0)
}
