public import Storage
public import Values

/// Work for the courier: a message to send, or a call of another program.
///
/// A finished job is deleted.
public struct Job: Sendable {
    /// The number, which no other job ever gets.
    ///
    /// Each attempt has the same one, so that a receiver recognises a repetition.
    public let id: Int64
    /// The queue: at most one of its jobs is in progress at a time.
    public let queue: String
    /// The name of the handler.
    public let kind: String
    /// What the handler needs, as JSON.
    public let payload: String
    /// The customer whose personal data the payload contains.
    public let customer: Int64?
    /// Whether the courier still attempts it.
    public let state: JobState
    /// The number of attempts that began.
    public let attempts: Int64
    /// The earliest time of the next attempt; the time of the failure if it failed.
    public let runAt: Instant
    /// The end of the lease of the attempt in progress.
    public let leaseUntil: Instant?
    /// The name of the lease of the attempt in progress, which begins with the courier's name.
    public let leasedBy: String?
    /// Why the last attempt failed.
    public let error: String?
    /// When it was enqueued.
    public let createdAt: Instant
}

/// Whether the courier still attempts a job.
public enum JobState: String, Sendable, CaseIterable, Storable {
    case pending
    /// The last attempt failed; the job stays for 30 days.
    case failed
}

extension Job: Record {
    /// The columns of a job.
    public static let columns: SQL = """
        id, queue, kind, payload, customer_id, state, attempts, run_at, lease_until, leased_by,
        error, created_at
        """
    /// The table of jobs.
    public static let source: SQL = "jobs"

    /// Decodes a row with `columns`.
    public init(_ row: Row, _ context: Void) throws {
        id = try row["id"]
        queue = try row["queue"]
        kind = try row["kind"]
        payload = try row["payload"]
        customer = try row["customer_id"]
        state = try row["state"]
        attempts = try row["attempts"]
        runAt = try row["run_at"]
        leaseUntil = try row["lease_until"]
        leasedBy = try row["leased_by"]
        error = try row["error"]
        createdAt = try row["created_at"]
    }
}
