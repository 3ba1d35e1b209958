public import Storage
public import Values

/// Claims due jobs for one courier, fairly among the queues.
///
/// A claim begins with the queue after the last claimed one, so that a long queue does not delay
/// the others. It takes at most one job of a queue, and none while another one is in progress.
public struct JobClaims: Sendable {
    /// The time in seconds after which another courier may claim a job, unless its lease was
    /// renewed.
    public static let leaseSeconds: Int64 = 60

    /// The most queues that one claim looks at.
    static let queuesMax: Int64 = 1000

    private let courier: String
    private var count = 0
    private var lastQueue = ""
    /// The names of leases whose transaction may have been committed without an answer of the
    /// server, and the times when they end.
    private var unanswered: [String: Instant] = [:]

    /// Creates the claims of a courier with a unique name.
    public init(by courier: String) {
        self.courier = courier
    }

    /// Claims at most `limit` due jobs.
    ///
    /// It writes only if a job is due. The count of attempts of each job already includes this one.
    /// At most `otherLimit` jobs are of other queues than `quick`.
    ///
    /// After `StoreError.outcomeUnknown` the jobs may have been claimed. The next claims then find
    /// them, however late the server commits: their queues would otherwise wait until the leases end.
    /// - Returns: an empty list also if another courier was faster.
    /// - Throws: `StoreError`.
    public mutating func claim(
        atMost limit: Int, outside quick: Set<String> = [], _ otherLimit: Int = .max,
        on store: some Store, at now: Instant
    ) throws -> [Job] {
        let found = try findUnanswered(on: store, at: now)
        guard found.isEmpty else { return found }
        let start = lastQueue
        let due = try store.read { tx in
            let expired = try expiredJobs(atMost: limit, at: now, in: tx)
            var due = DueJobs(ids: expired, lastQueue: start, quick: quick, otherLimit: otherLimit)
            try due.add(atMost: limit, at: now, in: tx)
            // After the last queue, go on with the first one.
            if due.lastQueue == "", start != "" { try due.add(atMost: limit, at: now, in: tx) }
            return due
        }
        lastQueue = due.lastQueue
        guard !due.ids.isEmpty else { return [] }
        count += 1
        let (ids, lease) = (due.ids, "\(courier)/\(count)")
        do {
            return try store.write { try claimJobs(ids, as: lease, at: now, in: $0) }
        } catch StoreError.constraint("jobs_queue_key") {
            // Another courier has just claimed a job of one of the queues.
            return []
        } catch let error as StoreError {
            if case .outcomeUnknown = error {
                unanswered[lease] = now.adding(seconds: Self.leaseSeconds)
            }
            throw error
        }
    }

    /// Renews the leases of the jobs that an earlier call claimed without an answer of the server.
    private mutating func findUnanswered(on store: some Store, at now: Instant) throws -> [Job] {
        unanswered = unanswered.filter { now < $0.value }
        for name in unanswered.keys {
            let jobs = try store.read {
                // At most one for each queue in progress, of which there are few.
                try $0.all(
                    Job.self, "WHERE leased_by IS NOT NULL AND leased_by = \(name) ORDER BY id")
            }
            guard !jobs.isEmpty else { continue }
            let renewed = try store.write { tx in
                try jobs.filter { try $0.lease.map { try renew($0, at: now, in: tx) } ?? false }
            }
            // A transaction claims all of its jobs at once, so nothing else has this name.
            unanswered.removeValue(forKey: name)
            return renewed
        }
        return []
    }
}

/// Jobs whose lease has expired.
private func expiredJobs(atMost limit: Int, at now: Instant, in tx: any Transaction) throws
    -> [Int64]
{
    try tx.all(
        """
        SELECT id FROM jobs WHERE leased_by IS NOT NULL AND lease_until <= \(now)
        ORDER BY lease_until LIMIT \(Int64(limit))
        """
    ) { try $0["id"] }
}

/// The jobs that a claim may take.
private struct DueJobs {
    var ids: [Int64]
    /// The queue after which the search goes on; empty after the last queue.
    var lastQueue: String
    let quick: Set<String>
    /// How many more jobs of other queues than `quick` may be claimed.
    var otherLimit: Int

    /// Adds the oldest due job of each queue without a job in progress, until there are `limit`.
    mutating func add(atMost limit: Int, at now: Instant, in tx: any Transaction) throws {
        guard ids.count < limit else { return }
        let start = lastQueue
        var count = Int64(0)
        // One index lookup for each queue, however many jobs it has.
        try tx.each(
            """
            WITH RECURSIVE queues (name, number) AS (
                SELECT (
                    SELECT queue FROM jobs
                    WHERE state = 'pending' AND leased_by IS NULL AND queue > \(start)
                    ORDER BY queue LIMIT 1
                ), 1
                UNION ALL
                SELECT (
                    SELECT queue FROM jobs
                    WHERE state = 'pending' AND leased_by IS NULL AND queue > queues.name
                    ORDER BY queue LIMIT 1
                ), queues.number + 1
                FROM queues
                WHERE queues.name IS NOT NULL AND queues.number < \(JobClaims.queuesMax)
            )
            SELECT queues.name, (
                SELECT id FROM jobs
                WHERE state = 'pending' AND leased_by IS NULL AND queue = queues.name
                    AND run_at <= \(now)
                    AND NOT EXISTS (
                        SELECT other.id FROM jobs AS other
                        WHERE other.queue = queues.name AND other.leased_by IS NOT NULL
                    )
                ORDER BY run_at, id LIMIT 1
            ) AS id
            FROM queues WHERE queues.name IS NOT NULL
            """
        ) { row in
            (lastQueue, count) = (try row["name"], count + 1)
            guard let id: Int64 = try row["id"], !ids.contains(id) else { return true }
            if !quick.contains(lastQueue) {
                guard otherLimit > 0 else { return true }
                otherLimit -= 1
            }
            ids.append(id)
            return ids.count < limit
        }
        if ids.count < limit, count < JobClaims.queuesMax { lastQueue = "" }
    }
}

/// Leases those of `ids` that are still due.
///
/// A unique index rejects a second job in progress of a queue, also if two couriers claim at once.
private func claimJobs(_ ids: [Int64], as lease: String, at now: Instant, in tx: any Transaction)
    throws -> [Job]
{
    let until = now.adding(seconds: JobClaims.leaseSeconds)
    let jobs = try tx.all(
        """
        UPDATE jobs SET leased_by = \(lease), lease_until = \(until), attempts = attempts + 1
        WHERE id IN (
            SELECT id FROM jobs
            WHERE id IN \(ids.list) AND state = 'pending'
                AND (leased_by IS NULL AND run_at <= \(now) OR lease_until <= \(now))
                AND NOT EXISTS (
                    SELECT other.id FROM jobs AS other
                    WHERE other.queue = jobs.queue AND other.leased_by IS NOT NULL
                        AND other.id <> jobs.id
                )
            \(.skipping)
        )
        RETURNING \(Job.columns)
        """
    ) { try Job($0) }
    return ids.compactMap { id in jobs.first { $0.id == id } }
}
