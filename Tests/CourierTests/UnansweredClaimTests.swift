import Courier
import Logging
import Outbox
import Storage
import Synchronization
import TestShop
import Testing
import Values

/// Claims of which the courier does not know whether the server has committed them.
@Suite struct UnansweredClaimTests {
    private let shop: TestShop
    private let store: UnansweringStore
    private let now: Instant

    init() throws {
        shop = try TestShop()
        store = UnansweringStore(store: shop.store)
        now = shop.clock.now
    }

    private func add(_ queue: Int64) throws {
        let now = now
        try shop.store.write { tx in
            _ = try enqueue(
                "test", in: JobQueue("mail", queue), ["a"], of: nil, at: now, in: tx)
        }
    }

    /// The jobs of a claim that was committed are found, and have a full lease.
    @Test func theNextClaimFindsTheJobs() throws {
        for queue in 1...3 { try add(Int64(queue)) }
        var claims = JobClaims(by: "a")
        store.isAnswering = false
        #expect(throws: StoreError.outcomeUnknown("lost")) {
            try claims.claim(atMost: 2, on: store, at: now)
        }
        // The renewal of the leases is not answered either.
        #expect(throws: StoreError.outcomeUnknown("lost")) {
            try claims.claim(atMost: 2, on: store, at: now)
        }
        store.isAnswering = true
        let later = now.adding(seconds: 50)
        let found = try claims.claim(atMost: 2, on: store, at: later)
        #expect(found.map(\.id) == [1, 2])
        #expect(found.map(\.attempts) == [1, 1])
        var others = JobClaims(by: "b")
        #expect(
            try others.claim(atMost: 3, on: store, at: later.adding(seconds: 59)).map(\.id) == [3])
        // Once only: they are in progress now.
        #expect(try claims.claim(atMost: 3, on: store, at: later).isEmpty)
        #expect(try shop.breaches() == [])
    }

    /// A claim that was not committed leaves the jobs to the next one.
    @Test func aLostClaimIsRepeated() throws {
        try add(1)
        var claims = JobClaims(by: "a")
        store.isAnswering = false
        store.isCommitting = false
        #expect(throws: StoreError.outcomeUnknown("lost")) {
            try claims.claim(atMost: 2, on: store, at: now)
        }
        store.isAnswering = true
        store.isCommitting = true
        let found = try claims.claim(atMost: 2, on: store, at: now)
        #expect(found.map(\.id) == [1])
        #expect(found.map(\.attempts) == [1])
        #expect(try claims.claim(atMost: 2, on: store, at: now).isEmpty)
    }

    /// A lease that another courier has taken over is not resumed.
    @Test func anExpiredLeaseBelongsToTheNextCourier() throws {
        try add(1)
        var claims = JobClaims(by: "a")
        store.isAnswering = false
        #expect(throws: StoreError.outcomeUnknown("lost")) {
            try claims.claim(atMost: 2, on: store, at: now)
        }
        store.isAnswering = true
        var others = JobClaims(by: "b")
        let later = now.adding(seconds: JobClaims.leaseSeconds)
        #expect(try others.claim(atMost: 2, on: store, at: later).map(\.id) == [1])
        #expect(try claims.claim(atMost: 2, on: store, at: later).isEmpty)
    }

    /// A running courier does such a job long before its lease would end.
    @Test func theCourierGoesOn() throws {
        let isDone = Atomic(false)
        store.isAnswering = false
        let courier = try start { isDone.store(true, ordering: .relaxed) }
        defer { courier.drain(withinMs: 5000) }
        try add(1)
        try eventually { try firstJob()?.leasedBy != nil }
        store.isAnswering = true
        try eventually { isDone.load(ordering: .relaxed) }
    }

    /// A result that was recorded without an answer counts as recorded.
    @Test func aRecordedResultIsNotLost() throws {
        let courier = try start { store.isAnswering = false }
        defer { courier.drain(withinMs: 5000) }
        try add(1)
        try eventually { try firstJob() == nil }
        store.isAnswering = true
        try eventually {
            courier.count("souk_jobs_delivered_total") + courier.count("souk_jobs_lost_total") == 1
        }
        #expect(courier.count("souk_jobs_lost_total") == 0)
    }

    /// Starts a courier whose only handler does `work`.
    private func start(_ work: @escaping @Sendable () -> Void) throws -> CourierThreads {
        let handler = JobHandler(kind: "test", retrySeconds: []) { _ in
            work()
            return .done()
        }
        var log = Logger(label: "test")
        log.logLevel = .critical
        let courier = CourierThreads(
            CourierTasks(handlers: [handler], subscribers: []),
            CourierSettings(workers: 1, eventsDays: 90), on: store, log: log)
        try courier.start()
        return courier
    }

    private func firstJob() throws -> Job? {
        try shop.store.read { try jobs(after: 0, limit: 1, in: $0) }.first
    }
}

extension CourierThreads {
    /// The sum of the samples of a counter.
    fileprivate func count(_ name: String) -> Int {
        let samples = metrics.first { $0.name == name }?.samples ?? []
        return samples.compactMap { Int($0.value) }.reduce(0, +)
    }
}

/// A store that loses the answers of the server.
private final class UnansweringStore: Store {
    private let store: any Store
    private let flags = Mutex((isAnswering: true, isCommitting: true))

    init(store: any Store) {
        self.store = store
    }

    var isAnswering: Bool {
        get { flags.withLock { $0.isAnswering } }
        set { flags.withLock { $0.isAnswering = newValue } }
    }

    var isCommitting: Bool {
        get { flags.withLock { $0.isCommitting } }
        set { flags.withLock { $0.isCommitting = newValue } }
    }

    func read<T>(_ body: (any Transaction) throws -> T) throws -> T {
        try store.read(body)
    }

    @discardableResult
    func write<T: Sendable>(
        _ end: TransactionEnd, _ body: @Sendable (any Transaction) throws -> T
    ) throws -> T {
        let value = try store.write(isCommitting ? end : .rollback, body)
        guard isAnswering else { throw StoreError.outcomeUnknown("lost") }
        return value
    }
}
