public import Storage

/// The most changes of which `numberEvents` moves the events at once; other writers wait for it.
public let numberedChangesMax = 250

/// Moves the oldest rows of the outbox to the feed, where each event has a position.
///
/// The lock on the last position is held until the commit, so positions are committed in their
/// order. A reader that goes on after the last position it saw therefore misses no event.
///
/// - Returns: the number of events, at most 500.
/// - Throws: `StoreError`.
@discardableResult
public func numberEvents(in tx: any Transaction) throws -> Int {
    guard
        let last: Int64 = try tx.first(
            "SELECT last FROM event_positions \(.alone("event_positions"))")?["last"]
    else { throw StoreError.schema("The table event_positions has no row.") }
    let changes: [Int64] = try tx.all(
        """
        SELECT id FROM outbox WHERE id > 0 ORDER BY id LIMIT \(Int64(numberedChangesMax)) \(.alone("outbox"))
        """
    ) { try $0["id"] }
    guard !changes.isEmpty else { return 0 }
    let moved = changes.list(filledTo: numberedChangesMax)
    let count = try tx.run(
        """
        WITH moved AS (
            SELECT type, next_type, subject, data, customer_id, actor_id, created_at,
                \(last) + SUM(CASE WHEN next_type IS NULL THEN 1 ELSE 2 END) OVER (ORDER BY id)
                    - CASE WHEN next_type IS NULL THEN 0 ELSE 1 END AS position
            FROM outbox WHERE id IN \(moved)
        )
        INSERT INTO events (position, type, subject, data, data_of, customer_id, actor_id,
            created_at)
        SELECT position + n, CASE n WHEN 0 THEN type ELSE next_type END, subject,
            CASE n WHEN 0 THEN data END, CASE n WHEN 1 THEN position END, customer_id, actor_id,
            created_at
        FROM moved
        JOIN (SELECT 0 AS n UNION ALL SELECT 1 AS n) AS numbers
            ON n = 0 OR next_type IS NOT NULL
        """)
    try tx.run("DELETE FROM outbox WHERE id IN \(moved)")
    try tx.run("UPDATE event_positions SET last = last + \(Int64(count))")
    return count
}

/// Whether an event has no position yet.
/// - Throws: `StoreError`.
public func hasUnnumberedEvents(in tx: any Transaction) throws -> Bool {
    try tx.first("SELECT id FROM outbox WHERE id > 0 ORDER BY id LIMIT 1") != nil
}
