public import Storage
public import Values

/// Deletes the oldest events that were created before `time` and that the courier has read.
///
/// - Returns: the number of deleted events, at most `limit`.
/// - Throws: `StoreError`.
public func pruneEvents(before time: Instant, limit: Int64, in tx: any Transaction) throws -> Int {
    // In the order of their positions, which begins with the oldest.
    try tx.run(
        """
        DELETE FROM events WHERE id IN (
            SELECT id FROM events
            WHERE position IS NOT NULL
                AND position <= (SELECT MIN(position) FROM feed_cursors)
            ORDER BY position LIMIT \(limit) \(.skipping)
        ) AND created_at < \(time)
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
