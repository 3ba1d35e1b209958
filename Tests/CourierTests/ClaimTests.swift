import HTTP
import Outbox
import Storage
import Synchronization
import TestShop
import Testing
import Values

/// Claims by several couriers.
@Suite struct ClaimTests {
    /// Eight couriers on stores of their own finish all jobs, and hold no job or queue together.
    @Test func couriersNeverHoldTheSameJob() throws {
        let shop = try TestShop()
        let now = shop.clock.now
        try shop.store.write { tx in
            for number in 0..<200 {
                try enqueue(
                    "test", in: JobQueue("webhook", Int64(number % 7)), ["a"], of: nil, at: now,
                    in: tx)
            }
        }
        let held = Mutex<Set<String>>([])
        let done = Mutex<[Int64]>([])
        let faults = atOnce(8) { courier -> [String] in
            do {
                let own = try TestShop(beside: shop)
                return try withExtendedLifetime(own) {
                    try run(JobClaims(by: "\(courier)"), own.store, at: now, held, done)
                }
            } catch {
                return ["\(error)"]
            }
        }
        #expect(faults.flatMap { $0 } == [])
        #expect(done.withLock { $0.sorted() } == Array(1...200))
        #expect(try shop.breaches() == [])
    }

    private func run(
        _ claims: JobClaims, _ store: any Store, at now: Instant,
        _ held: borrowing Mutex<Set<String>>, _ done: borrowing Mutex<[Int64]>
    ) throws -> [String] {
        var (claims, faults) = (claims, [String]())
        while done.withLock({ $0.count }) < 200 {
            let jobs = try claims.claim(atMost: 3, on: store, at: now)
            for job in jobs where !held.withLock({ $0.insert(job.queue).inserted }) {
                faults.append("\(job.queue) was claimed twice")
            }
            for job in jobs {
                held.withLock { _ = $0.remove(job.queue) }
                guard let lease = job.lease else { continue }
                if try store.write({ try complete(lease, in: $0) }) {
                    done.withLock { $0.append(job.id) }
                } else {
                    faults.append("\(job.id) was lost")
                }
            }
        }
        return faults
    }

    /// A random history of couriers, some of which die, agrees with a model of it.
    @Test(arguments: 1...8) func randomHistories(seed: UInt64) throws {
        let shop = try TestShop()
        var random = SeededRandom(seed: seed)
        var model = JobModel()
        var couriers = (0..<3).map { JobClaims(by: "\($0)") }
        for step in 0..<150 {
            let now = shop.clock.now
            switch random.below(6) {
            case 0, 1:
                let (queue, delay) = (
                    Int64(random.below(4)), Int64(random.below(3))
                )
                let id = try shop.store.write { tx in
                    try enqueue(
                        "test", in: JobQueue("webhook", queue), ["a"], of: nil, at: now,
                        after: delay, in: tx)
                }
                model.jobs[id] = .init(
                    queue: "webhook:\(queue)", runAt: now.adding(seconds: delay))
            case 2, 3:
                let courier = random.below(3)
                let limit = 1 + random.below(4)
                let claimed = try couriers[courier].claim(atMost: limit, on: shop.store, at: now)
                let fault = model.claim(claimed, atMost: limit, at: now)
                try #require(fault == nil, "step \(step) of seed \(seed)")
            case 4:
                guard !model.claims.isEmpty else { continue }
                let job = model.claims[random.below(model.claims.count)]
                let end = random.below(4)
                let lease = try #require(job.lease)
                let isDone = try shop.store.write { tx in
                    switch end {
                    case 0: try complete(lease, in: tx)
                    case 1: try release(lease, until: now.adding(seconds: 1), error: "e", in: tx)
                    case 2: try fail(lease, error: "e", at: now, in: tx)
                    default: try renew(lease, at: now, in: tx)
                    }
                }
                #expect(isDone == model.end(lease, end, at: now), "step \(step) of seed \(seed)")
            default: shop.clock.pass(seconds: Int64(random.below(31)))
            }
        }
        #expect(try shop.breaches() == [])
        let kept = try shop.store.read { try jobs(after: 0, limit: 1000, in: $0) }
        #expect(Set(kept.map(\.id)) == Set(model.jobs.keys))
    }
}

/// What the table of jobs must contain.
private struct JobModel {
    struct Entry {
        let queue: String
        var runAt: Instant
        var isFailed = false
        var lease: JobLease?
        var leaseUntil = Instant(milliseconds: 0)
    }

    var jobs: [Int64: Entry] = [:]
    /// All claimed jobs, also those whose lease has ended.
    var claims: [Job] = []

    /// The queues with a job that a claim may take.
    private func due(at now: Instant) -> [String: [Int64]] {
        let busy = Set(jobs.values.filter { $0.lease != nil }.map(\.queue))
        let due = jobs.filter { _, job in
            if job.isFailed { return false }
            return job.lease == nil
                ? job.runAt <= now && !busy.contains(job.queue) : job.leaseUntil <= now
        }
        return Dictionary(grouping: due.keys) { jobs[$0]?.queue ?? "" }
    }

    /// The fault of a claim, or nil.
    mutating func claim(_ claimed: [Job], atMost limit: Int, at now: Instant) -> String? {
        let due = due(at: now)
        guard claimed.count == min(limit, due.count) else {
            return "\(claimed.count) of \(due.count) queues"
        }
        guard Set(claimed.map(\.queue)).count == claimed.count else { return "a queue twice" }
        for job in claimed {
            let oldest = due[job.queue]?.min {
                (jobs[$0]?.runAt ?? now, $0) < (jobs[$1]?.runAt ?? now, $1)
            }
            guard oldest == job.id else { return "\(job.id) instead of \(oldest ?? 0)" }
            jobs[job.id]?.lease = job.lease
            jobs[job.id]?.leaseUntil = now.adding(seconds: JobClaims.leaseSeconds)
            claims.append(job)
        }
        return nil
    }

    mutating func end(_ lease: JobLease, _ end: Int, at now: Instant) -> Bool {
        guard var job = jobs[lease.job], job.lease == lease else { return false }
        switch end {
        case 0:
            jobs[lease.job] = nil
            return true
        case 3: job.leaseUntil = now.adding(seconds: JobClaims.leaseSeconds)
        default:
            job.lease = nil
            job.isFailed = end == 2
            job.runAt = now.adding(seconds: 1)
        }
        jobs[lease.job] = job
        return true
    }
}
