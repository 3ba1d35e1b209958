public import Storage
public import Values

/// A lease: the exclusive right of a courier to record the result of an attempt.
///
/// Another courier may claim the job after the lease has expired. The calls of the first one then
/// change nothing and return false.
public struct JobLease: Sendable, Hashable {
    /// The number of the job.
    public let job: Int64
    let name: String
}

extension Job {
    /// The lease of the attempt in progress; nil if there is none.
    public var lease: JobLease? { leasedBy.map { JobLease(job: id, name: $0) } }
}

/// Extends a lease to `JobClaims.leaseSeconds` after `now`.
/// - Returns: false if the lease has ended.
/// - Throws: `StoreError`.
public func renew(_ lease: JobLease, at now: Instant, in tx: any Transaction) throws -> Bool {
    try tx.run(
        """
        UPDATE jobs SET lease_until = \(now.adding(seconds: JobClaims.leaseSeconds))
        WHERE id = \(lease.job) AND leased_by = \(lease.name)
        """) == 1
}

/// Deletes a job after its work was done.
/// - Returns: false if the lease has ended.
/// - Throws: `StoreError`.
public func complete(_ lease: JobLease, in tx: any Transaction) throws -> Bool {
    try tx.run("DELETE FROM jobs WHERE id = \(lease.job) AND leased_by = \(lease.name)") == 1
}

/// Ends an attempt, and lets the next one begin at `time`.
///
/// `error` says why the attempt failed; it is nil if the courier did not finish it.
/// - Returns: false if the lease has ended.
/// - Throws: `StoreError`.
public func release(
    _ lease: JobLease, until time: Instant, error: String?, in tx: any Transaction
) throws -> Bool {
    try tx.run(
        """
        UPDATE jobs SET leased_by = NULL, lease_until = NULL, run_at = \(time),
            error = \(error.stored)
        WHERE id = \(lease.job) AND leased_by = \(lease.name)
        """) == 1
}

/// Ends the last attempt of a job, which stays for the operator.
/// - Returns: false if the lease has ended.
/// - Throws: `StoreError`.
public func fail(_ lease: JobLease, error: String, at now: Instant, in tx: any Transaction) throws
    -> Bool
{
    try tx.run(
        """
        UPDATE jobs SET leased_by = NULL, lease_until = NULL, state = \(JobState.failed),
            run_at = \(now), error = \(error)
        WHERE id = \(lease.job) AND leased_by = \(lease.name)
        """) == 1
}
