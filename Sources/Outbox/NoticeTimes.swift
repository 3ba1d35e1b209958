public import Storage
public import Values

/// Whether something that happens once in `seconds` at most, such as a message, may happen now.
///
/// If it may, the call counts as the last time. All couriers agree, because the time is in the
/// database.
/// - Throws: `StoreError`.
public func isDue(
    _ name: String, everySeconds seconds: Int64, at now: Instant, in tx: any Transaction
) throws -> Bool {
    try tx.run(
        """
        INSERT INTO notice_times (name, next_at) VALUES (\(name), \(now.adding(seconds: seconds)))
        ON CONFLICT (name) DO UPDATE SET next_at = excluded.next_at
            WHERE notice_times.next_at <= \(now)
        """) == 1
}

/// Reserves the next time at which something may happen that happens once in `seconds` at most.
/// - Returns: a time from `now` on; nil if a later time is reserved already.
/// - Throws: `StoreError`.
public func reserveTime(
    of name: String, everySeconds seconds: Int64, at now: Instant, in tx: any Transaction
) throws -> Instant? {
    let row = try tx.first(
        "SELECT next_at FROM notice_times WHERE name = \(name) \(.alone("notice_times"))")
    let next: Instant? = try row?["next_at"]
    if let next, now < next.adding(seconds: -seconds) { return nil }
    let time = next.map { $0 < now ? now : $0 } ?? now
    try tx.run(
        """
        INSERT INTO notice_times (name, next_at) VALUES (\(name), \(time.adding(seconds: seconds)))
        ON CONFLICT (name) DO UPDATE SET next_at = excluded.next_at
        """)
    return time
}

/// Deletes times that have passed, and therefore forbid nothing.
///
/// - Returns: the number of deleted rows, at most `limit`.
/// - Throws: `StoreError`.
public func pruneNoticeTimes(before now: Instant, limit: Int64, in tx: any Transaction) throws
    -> Int
{
    try tx.run(
        """
        DELETE FROM notice_times WHERE name IN (
            SELECT name FROM notice_times WHERE next_at <= \(now)
            ORDER BY next_at LIMIT \(limit) \(.skipping)
        )
        """)
}
