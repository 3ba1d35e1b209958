public import Storage
public import Values

/// Jobs in the order of their numbers, after the number `id`.
/// - Throws: `StoreError`.
public func jobs(after id: Int64, limit: Int64, in tx: any Transaction) throws -> [Job] {
    try tx.all(Job.self, "WHERE id > \(id) ORDER BY id LIMIT \(limit)")
}

/// Failed jobs in the order of their failures, after the job `last`.
/// - Throws: `StoreError`.
public func failedJobs(after last: Job?, limit: Int64, in tx: any Transaction) throws -> [Job] {
    let start: SQL =
        last.map { "AND (run_at, id) > (\($0.runAt), \($0.id))" } ?? ""
    return try tx.all(
        Job.self, "WHERE state = 'failed' \(start) ORDER BY run_at, id LIMIT \(limit)")
}

/// Lets the next attempt of a job without an attempt in progress begin now.
///
/// Its attempts are counted from 0, so that it has all of its retries. A handler therefore does
/// not conclude from the count that nothing was done.
/// - Returns: false if there is no such job.
/// - Throws: `StoreError`.
public func retryJob(_ id: Int64, at now: Instant, in tx: any Transaction) throws -> Bool {
    try tx.run(
        """
        UPDATE jobs SET state = \(JobState.pending), attempts = 0, run_at = \(now)
        WHERE id = \(id) AND leased_by IS NULL
        """) == 1
}

/// Deletes a job without an attempt in progress.
/// - Returns: false if there is no such job.
/// - Throws: `StoreError`.
public func dropJob(_ id: Int64, in tx: any Transaction) throws -> Bool {
    try tx.run("DELETE FROM jobs WHERE id = \(id) AND leased_by IS NULL") == 1
}
