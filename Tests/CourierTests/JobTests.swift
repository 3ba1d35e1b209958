import HTTP
import Outbox
import Storage
import TestShop
import Testing
import Values

/// The life of a job without a courier.
@Suite struct JobTests {
    let shop: TestShop
    var now: Instant { shop.clock.now }

    init() throws {
        shop = try TestShop()
    }

    @Test func aRollbackRemovesTheJob() throws {
        try shop.store.write(.rollback) { tx in
            try enqueue("test", in: JobQueue("mail", 1), ["a"], of: nil, at: now, in: tx)
        }
        #expect(try jobs().isEmpty)
    }

    @Test func aClaimTakesTheOldestDueJobOfEachQueue() throws {
        let first = try add("webhook", 1)
        try add("webhook", 1)
        let other = try add("webhook", 2)
        try add("webhook", 3, after: 10)
        var claims = JobClaims(by: "a")
        #expect(try claims.claim(atMost: 10, on: shop.store, at: now).map(\.id) == [first, other])
        #expect(try claims.claim(atMost: 10, on: shop.store, at: now).isEmpty)
        #expect(try shop.breaches() == [])
    }

    @Test func aClaimTakesAtMostItsLimit() throws {
        for queue in 1...5 { try add("webhook", Int64(queue)) }
        var claims = JobClaims(by: "a")
        #expect(try claims.claim(atMost: 3, on: shop.store, at: now).count == 3)
        #expect(try claims.claim(atMost: 3, on: shop.store, at: now).count == 2)
    }

    @Test func aLongQueueDoesNotDelayOthers() throws {
        for _ in 0..<20 { try add("mail", 1) }
        shop.clock.pass(seconds: 1)
        for _ in 0..<3 { try add("webhook", 7) }
        var claims = JobClaims(by: "a")
        var queues: [String] = []
        for _ in 0..<6 {
            let claimed = try claims.claim(atMost: 1, on: shop.store, at: now)
            let job = try #require(claimed.first)
            queues.append(job.queue)
            try end(job) { try complete($0, in: $1) }
        }
        #expect(queues == Array(repeating: ["mail:1", "webhook:7"], count: 3).flatMap { $0 })
    }

    /// More queues than one search looks at.
    @Test func everyQueueIsReached() throws {
        for queue in 1...250 { try add("webhook", Int64(queue)) }
        var claims = JobClaims(by: "a")
        var claimed: Set<String> = []
        for _ in 0..<60 {
            claimed.formUnion(
                try claims.claim(atMost: 8, on: shop.store, at: now).map(\.queue))
        }
        #expect(claimed.count == 250)
    }

    @Test func anAttemptCountsAndItsErrorIsKept() throws {
        try add("mail", 1)
        let first = try #require(try claim("a"))
        #expect(first.attempts == 1)
        let time = now.adding(seconds: 5)
        #expect(try end(first) { try release($0, until: time, error: "refused", in: $1) })
        #expect(try claim("a") == nil)
        shop.clock.pass(seconds: 5)
        let second = try #require(try claim("b"))
        #expect(second.id == first.id && second.attempts == 2 && second.error == "refused")
    }

    @Test func anEndedLeaseChangesNothing() throws {
        try add("mail", 1)
        let first = try #require(try claim("a"))
        shop.clock.pass(seconds: JobClaims.leaseSeconds - 1)
        #expect(try claim("b") == nil)
        #expect(try end(first) { try renew($0, at: now, in: $1) })
        shop.clock.pass(seconds: JobClaims.leaseSeconds - 1)
        #expect(try claim("b") == nil)
        shop.clock.pass(seconds: 1)
        // The same courier has a new lease too.
        let second = try #require(try claim("a"))
        #expect(second.id == first.id)
        let before = try jobs().map { "\($0)" }
        #expect(try end(first) { try renew($0, at: now, in: $1) } == false)
        #expect(try end(first) { try complete($0, in: $1) } == false)
        #expect(try end(first) { try release($0, until: now, error: nil, in: $1) } == false)
        #expect(try end(first) { try fail($0, error: "late", at: now, in: $1) } == false)
        #expect(try jobs().map { "\($0)" } == before)
        #expect(try end(second) { try complete($0, in: $1) })
        #expect(try jobs().isEmpty)
    }

    @Test func aFailedJobStaysForTheOperator() throws {
        let id = try add("mail", 1)
        let job = try #require(try claim("a"))
        #expect(try shop.store.write { try retryJob(id, at: now, in: $0) } == false)
        #expect(try shop.store.write { try dropJob(id, in: $0) } == false)
        #expect(try end(job) { try fail($0, error: "no such host", at: now, in: $1) })
        #expect(try claim("a") == nil)
        let failed = try shop.store.read { try failedJobs(after: nil, limit: 5, in: $0) }
        #expect(failed.map(\.id) == [id] && failed.first?.error == "no such host")
        #expect(try shop.store.write { try retryJob(id, at: now, in: $0) })
        #expect(try claim("a")?.attempts == 1)
    }

    @Test func anErasureDeletesTheJobsOfAPerson() throws {
        try shop.store.write { tx in
            try enqueue("test", in: JobQueue("mail", 1), ["a"], of: 1, at: now, in: tx)
            try enqueue("test", in: JobQueue("mail", 2), ["b"], of: 2, at: now, in: tx)
        }
        var claims = JobClaims(by: "a")
        let claimed = try claims.claim(atMost: 2, on: shop.store, at: now)
        try shop.store.write { try eraseJobs(of: 1, in: $0) }
        let ended = try claimed.map { try end($0) { try complete($0, in: $1) } }
        #expect(ended == [false, true])
    }

    @Test func oldFailuresArePruned() throws {
        for queue in 1...3 {
            try add("mail", Int64(queue))
            let job = try #require(try claim("a"))
            _ = try end(job) { try fail($0, error: "no", at: now, in: $1) }
            shop.clock.pass(seconds: 10)
        }
        let time = now.adding(seconds: -15)
        let counts = try (0..<3).map { _ in
            try shop.store.write { try pruneFailedJobs(before: time, limit: 1, in: $0) }
        }
        #expect(counts == [1, 1, 0])
        #expect(try jobs().map(\.queue) == ["mail:3"])
    }

    @Test func lanesAreStable() {
        for key in [0, 1, 7, Int64.max, Int64.min] {
            let lane = JobQueue.lane("mail", of: 4, for: key)
            #expect(lane == JobQueue.lane("mail", of: 4, for: key))
            #expect((0..<4).map { JobQueue("mail", $0) }.contains(lane))
        }
    }
}

extension JobTests {
    @discardableResult
    private func add(_ name: StaticString, _ receiver: Int64, after seconds: Int64 = 0) throws
        -> Int64
    {
        let now = now
        return try shop.store.write { tx in
            try enqueue(
                "test", in: JobQueue(name, receiver), ["a"], of: nil, at: now, after: seconds,
                in: tx)
        }
    }

    private func claim(_ courier: String) throws -> Job? {
        var claims = JobClaims(by: "\(courier) \(Int64.random(in: 0 ... .max))")
        return try claims.claim(atMost: 1, on: shop.store, at: now).first
    }

    @discardableResult
    private func end(
        _ job: Job, _ body: @Sendable (JobLease, any Transaction) throws -> Bool
    ) throws -> Bool {
        let lease = try #require(job.lease)
        return try shop.store.write { try body(lease, $0) }
    }

    private func jobs() throws -> [Job] {
        try shop.store.read { try Outbox.jobs(after: 0, limit: 100, in: $0) }
    }
}
