public import Storage
public import Values

/// Deletes the oldest events that were created before `time` and that the courier has read.
///
/// An event that shares the data of the last one is deleted with it.
///
/// - Returns: the number of deleted events, at most `limit` and one.
/// - Throws: `StoreError`.
public func pruneEvents(before time: Instant, limit: Int64, in tx: any Transaction) throws -> Int {
    // In the order of their positions, which begins with the oldest.
    let row = try tx.first(
        """
        SELECT MAX(position) AS last FROM (
            SELECT position FROM events
            WHERE position > 0 AND position <= (SELECT MIN(position) FROM feed_cursors)
            ORDER BY position LIMIT \(limit)
        ) AS oldest
        """)
    guard let last: Int64 = try row?["last"] else { return 0 }
    return try tx.run(
        """
        DELETE FROM events
        WHERE position > 0 AND position <= \(last + 1)
            AND (position <= \(last) OR data_of = \(last)) AND created_at < \(time)
        """)
}

/// Deletes jobs that failed before `time`.
///
/// - Returns: the number of deleted jobs, at most `limit`.
/// - Throws: `StoreError`.
public func pruneFailedJobs(before time: Instant, limit: Int64, in tx: any Transaction) throws
    -> Int
{
    try tx.run(
        """
        DELETE FROM jobs WHERE id IN (
            SELECT id FROM jobs WHERE state = 'failed' AND run_at < \(time)
            ORDER BY run_at, id LIMIT \(limit) \(.skipping)
        )
        """)
}
