import Logging
import Outbox
import Storage
import Synchronization
import Threads
import Values

/// Claims due jobs and attempts them on several threads.
final class JobDeliverer: Sendable {
    /// The pause in milliseconds if no job is due.
    private static let idleMs: Int64 = 200
    /// The time in milliseconds after which the leases of the jobs in progress are renewed.
    private static let renewMs: Int64 = JobClaims.leaseSeconds * 1000 / 3

    /// The duration in milliseconds below which an attempt is quick.
    private static let quickMs: Int64 = 1000
    /// The most queues that are remembered as quick.
    private static let quickQueuesMax = 10_000

    private struct State {
        var waiting: [Job] = []
        /// The leases of all claimed jobs, and when each was last renewed.
        var leases: [JobLease: Int64] = [:]
        /// The queues whose last attempt was quick.
        ///
        /// The others get half of the threads at most, so that many receivers that do not answer do
        /// not delay those that do.
        var quickQueues: Set<String> = []
        /// The leases of jobs that were claimed from other queues.
        var slowLeases: Set<JobLease> = []
        var claims: JobClaims
        var isStopping = false

        /// Forgets a lease, and remembers whether the attempt was quick.
        mutating func end(_ lease: JobLease, of queue: String, isQuick: Bool) {
            leases.removeValue(forKey: lease)
            slowLeases.remove(lease)
            if !isQuick {
                quickQueues.remove(queue)
            } else if quickQueues.count < quickQueuesMax {
                quickQueues.insert(queue)
            }
        }
    }

    private let store: any Store
    private let attempts: JobAttempts
    private let workers: Int
    private let counts: CourierCounts
    private let log: Logger
    private let clock: @Sendable () -> Instant
    private let state: Mutex<State>
    private let work = Semaphore(0)
    private let ended = Semaphore(0)
    private let threads = Mutex<[Thread]>([])
    /// Called after each job, so that the next one of its queue is claimed.
    private let afterJob = Mutex<(@Sendable () -> Void)?>(nil)

    init(
        on store: any Store, as courier: String, workers: Int, attempts: JobAttempts,
        counts: CourierCounts, log: Logger, clock: @escaping @Sendable () -> Instant
    ) {
        self.store = store
        self.attempts = attempts
        self.workers = workers
        self.counts = counts
        self.log = log
        self.clock = clock
        state = Mutex(State(claims: JobClaims(by: courier)))
    }

    /// Starts the threads that attempt jobs; `afterJob` is called after each.
    func start(afterJob: @escaping @Sendable () -> Void) throws {
        self.afterJob.withLock { $0 = afterJob }
        for number in 1...workers {
            let thread = try Thread(named: "courier-\(number)") { [self] in
                while let job = next() { run(job) }
            }
            threads.withLock { $0.append(thread) }
        }
    }

    /// Renews leases, and claims as many due jobs as threads are free.
    /// - Returns: the pause in milliseconds before the next step.
    /// - Throws: `StoreError`.
    func step() throws -> Int64 {
        try renewLeases()
        var (claims, free, quick, slowFree) = state.withLock {
            (
                $0.claims, workers - $0.leases.count, $0.quickQueues,
                max(1, workers / 2) - $0.slowLeases.count
            )
        }
        guard free > 0 else { return Self.idleMs }
        // Also after an error: they remember what may have been claimed.
        defer { state.withLock { $0.claims = claims } }
        let jobs = try claims.claim(
            atMost: free, outside: quick, max(0, slowFree), on: store, at: clock())
        let now = monotonicMs()
        state.withLock {
            $0.waiting += jobs
            $0.slowLeases.formUnion(jobs.filter { !quick.contains($0.queue) }.compactMap(\.lease))
            for lease in jobs.compactMap(\.lease) { $0.leases[lease] = now }
        }
        counts.claimedJobs.add(jobs.count, ordering: .relaxed)
        for _ in jobs { work.signal() }
        return jobs.count == free ? 0 : Self.idleMs
    }

    /// Waits until all claimed jobs have ended, for `milliseconds` at most, and releases the others.
    ///
    /// Call it after the last `step`.
    func drain(withinMs milliseconds: Int64) {
        let end = monotonicMs() + milliseconds
        // Jobs that have not begun are released at once.
        let idle = state.withLock { state in
            state.isStopping = true
            defer { state.waiting = [] }
            return state.waiting.compactMap(\.lease)
        }
        idle.forEach(release)
        for _ in 0..<workers { work.signal() }
        while state.withLock({ !$0.leases.isEmpty }), monotonicMs() < end {
            _ = ended.wait(timeoutMs: 50)
        }
        let late = state.withLock { Array($0.leases.keys) }
        // A thread whose job is late ends with the process.
        guard late.isEmpty else { return late.forEach(release) }
        for thread in threads.withLock({ $0 }) { thread.join() }
    }

    private func next() -> Job? {
        work.wait()
        return state.withLock { state in
            state.isStopping || state.waiting.isEmpty ? nil : state.waiting.removeFirst()
        }
    }

    private func run(_ job: Job) {
        guard let lease = job.lease else { return }
        let start = monotonicMs()
        attempts.run(job, lease) { [self] in state.withLock { $0.leases[lease] != nil } }
        let isQuick = monotonicMs() - start < Self.quickMs
        state.withLock { $0.end(lease, of: job.queue, isQuick: isQuick) }
        ended.signal()
        afterJob.withLock { $0 }?()
    }

    private func renewLeases() throws {
        let now = monotonicMs()
        let due = state.withLock { state in
            state.leases.filter { now - $0.value >= Self.renewMs }.map(\.key)
        }
        guard !due.isEmpty else { return }
        let time = clock()
        let lost = try store.write { tx in
            try due.filter { try !renew($0, at: time, in: tx) }
        }
        state.withLock { state in
            for lease in due where state.leases[lease] != nil { state.leases[lease] = now }
        }
        for lease in lost {
            log.warning("lost a lease", metadata: ["job": "\(lease.job)"])
        }
    }

    private func release(_ lease: JobLease) {
        let now = clock()
        do {
            _ = try store.write {
                try Outbox.release(lease, until: now, error: "The courier stopped.", in: $0)
            }
        } catch {
            // The lease runs out, so another courier attempts the job a minute later.
            log.warning("cannot release", metadata: ["job": "\(lease.job)", "error": "\(error)"])
        }
        state.withLock {
            $0.leases.removeValue(forKey: lease)
            $0.slowLeases.remove(lease)
        }
    }
}
