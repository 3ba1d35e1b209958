import Glibc
public import Storage
import Synchronization
import Threads

/// A shop's database on a PostgreSQL server, which programs on several hosts may share.
///
/// Each call runs on the caller's thread and has a connection of its own. Writers run at the same
/// time, and the server's row locks order them. See DESIGN.md
public final class PostgresStore: Engine {
    let settings: PostgresSettings
    let pool: ConnectionPool
    /// The threads that are inside `write`.
    private let writing = Mutex<Set<pthread_t>>([])
    private let giveWay: GiveWay?

    /// Opens the database at `url` and checks that Souk can use it.
    ///
    /// - Parameters:
    ///   - url: `postgresql://ROLE@HOST/DATABASE` with the parameters of libpq, without a password.
    ///     If it names several hosts, the one that accepts writes is used.
    ///   - workload: the purpose of the store. A store for requests ends every call in time.
    ///   - busyWaitMs: how many milliseconds a call may take, including its wait for a connection,
    ///     for locks and for the server.
    ///   - connectionsMax: the most connections that are open at once. Each is opened when it is
    ///     needed and then kept.
    ///   - limitedReadsMax: the most reads with a time limit that run at once.
    ///   - statementsMax: the most prepared statements of a connection.
    /// - Throws: `StoreError.unavailable` with a sentence for the operator.
    public init(
        url: String, workload: Workload = .requests, busyWaitMs: Int64 = 5000,
        connectionsMax: Int = 16, limitedReadsMax: Int = 8, statementsMax: Int = 200
    ) throws {
        var settings = PostgresSettings(
            address: try ServerAddress(url), workload: workload, busyWaitMs: busyWaitMs,
            connectionsMax: connectionsMax, statementsMax: statementsMax,
            limitedReads: Semaphore(limitedReadsMax))
        if let isolation = getenv("SOUK_TEST_ISOLATION"),
            String(cString: isolation) == "SERIALIZABLE"
        {
            settings.isolation = .serializable
        }
        self.settings = settings
        pool = try ConnectionPool(settings)
        giveWay = workload == .background ? GiveWay() : nil
    }

    deinit {
        close()
    }

    /// The URL of the database without parameters and without a password.
    public var name: String { settings.address.name }

    /// Closes the idle connections now, and the others when their calls end.
    ///
    /// Later calls of `read` and `write` throw `StoreError.unavailable`.
    public func close() {
        giveWay?.close()
        pool.close()
    }

    /// Runs `body` on one snapshot, on this thread.
    ///
    /// A read inside a read has a snapshot and a connection of its own.
    ///
    /// - Throws: the error of `body`; `StoreError.busy` if no connection is free within
    ///   `busyWaitMs`; `StoreError.unavailable` if the server does not answer.
    public func read<T>(_ body: (any Transaction) throws -> T) throws -> T {
        try withRead { try $0.read(body) }
    }

    /// Runs `body` with a read transaction, which it ends.
    func withRead<T>(_ body: (PostgresTransaction) throws -> T) throws -> T {
        let transaction = try PostgresTransaction(pool, isWrite: false, until: settings.deadline())
        defer { transaction.abandon() }
        return try body(transaction)
    }

    /// Runs `body` in a transaction, on this thread, and returns after the server has committed.
    ///
    /// It runs `body` again after a deadlock, a failed serialization, or the loss of the connection
    /// before COMMIT was sent. A write inside `body` is rejected, because it would wait for locks
    /// of its own thread.
    ///
    /// - Throws: the error of `body`, or `StoreError`. After `outcomeUnknown` the transaction may
    ///   have been committed, and after any other error it was not.
    @discardableResult
    public func write<T: Sendable>(
        _ end: TransactionEnd, _ body: @Sendable (any Transaction) throws -> T
    ) throws -> T {
        let thread = pthread_self()
        guard writing.withLock({ $0.insert(thread).inserted }) else {
            throw StoreError.misuse("A write must not run inside another write.")
        }
        defer { writing.withLock { _ = $0.remove(thread) } }
        guard let giveWay else { return try retrying(end, body) }
        return try giveWay.run(on: self) { try retrying(end, body) }
    }

    private func retrying<T>(_ end: TransactionEnd, _ body: (any Transaction) throws -> T) throws
        -> T
    {
        let retry = WriteRetry(pool: pool, end: end, deadlineMs: settings.deadline())
        do {
            let value = try retry.run(body)
            settings.counts.writeFailedAtMs.store(.min, ordering: .relaxed)
            return value
        } catch {
            if (error as? StoreError)?.isOfServer ?? false {
                settings.counts.writeFailedAtMs.store(monotonicMs(), ordering: .relaxed)
            }
            throw error
        }
    }

    /// Adds the words of new documents to the index, which the server does later by itself, and
    /// tells the planner how many rows there are.
    public func merge(_ index: FullText) throws {
        let words = "\(index.name)_words"
        try write {
            try $0.run("SELECT gin_clean_pending_list(CAST(\(words) AS REGCLASS)) AS pages")
            try $0.run("ANALYZE")
        }
    }

    /// Whether a write has failed within the last `seconds` because of the server, and none has
    /// succeeded since.
    public func hasFailedToWrite(withinSeconds seconds: Int64) -> Bool {
        let failedAt = settings.counts.writeFailedAtMs.load(ordering: .relaxed)
        return failedAt > .min && failedAt > monotonicMs() - seconds * 1000
    }
}

extension StoreError {
    /// Whether the server cannot be used or did not answer.
    fileprivate var isOfServer: Bool {
        switch self {
        case .unavailable, .outcomeUnknown: true
        default: false
        }
    }
}
