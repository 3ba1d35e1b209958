public import HTTP
public import Storage
public import Values

/// The queue of a job.
///
/// The courier runs the jobs of a queue one after the other. A slow receiver therefore delays only
/// its own queue.
public struct JobQueue: Sendable, Hashable {
    /// The name in the table of jobs, such as `webhook:12`.
    public let name: String

    /// The queue of one receiver: `JobQueue("webhook", 12)` is `webhook:12`.
    public init(_ name: StaticString, _ receiver: Int64) {
        self.name = "\(name):\(receiver)"
    }

    /// One of `count` queues for receivers that share a server.
    ///
    /// The jobs of one receiver, `key`, are all in the same queue.
    public static func lane(_ name: StaticString, of count: Int64, for key: Int64) -> JobQueue {
        JobQueue(name, Int64(bitPattern: key.magnitude % UInt64(max(1, count))))
    }
}

/// Adds a job, in the transaction that needs it.
///
/// A rollback removes the job.
///
/// - Parameters:
///   - kind: the name of the handler.
///   - queue: at most one job of a queue is in progress at a time.
///   - payload: what the handler needs.
///   - customer: the customer whose personal data the payload contains. An erasure deletes the job.
///   - now: the current time.
///   - delaySeconds: the time before the first attempt.
///   - tx: the transaction.
/// - Returns: the number of the job.
/// - Throws: `StoreError`.
@discardableResult
public func enqueue(
    _ kind: String, in queue: JobQueue, _ payload: some JSONWritable, of customer: Int64?,
    at now: Instant, after delaySeconds: Int64 = 0, in tx: any Transaction
) throws -> Int64 {
    let json = JSONWriter.text(of: payload)
    return try tx.insert(
        """
        INSERT INTO jobs (queue, kind, payload, customer_id, state, attempts, run_at, created_at)
        VALUES (\(queue.name), \(kind), \(json), \(customer.stored), \(JobState.pending), 0,
            \(now.adding(seconds: delaySeconds)), \(now))
        """)
}

/// The newest jobs that contain personal data of a customer, oldest first.
/// - Throws: `StoreError`.
public func jobs(of customer: Int64, atMost limit: Int64, in tx: any Transaction) throws -> [Job] {
    try tx.all(Job.self, "WHERE customer_id = \(customer) ORDER BY id DESC LIMIT \(limit)")
        .reversed()
}

/// Deletes the jobs that contain personal data of a customer.
///
/// An attempt in progress then records nothing.
/// - Throws: `StoreError`.
public func eraseJobs(of customer: Int64, in tx: any Transaction) throws {
    try tx.run("DELETE FROM jobs WHERE customer_id = \(customer)")
}
