import Storage
import Synchronization
import Threads

/// A shop's database in one SQLite file, shared with the other responders.
///
/// Reads run on the caller's thread. Writes run on one thread of this process, which commits for
/// all that wait at once; between processes SQLite's own lock decides.
/// https://www.sqlite.org/wal.html
public final class SQLiteStore: Store {
    let settings: StoreSettings
    let readers: ReaderPool
    private let writer: Writer

    /// Opens the database at `path`.
    ///
    /// - Parameters:
    /// - path: the file; `-wal` and `-shm` stand beside it, so its folder must be writable and on
    ///     a local disk.
    /// - create: whether to make the file where there is none.
    /// - readOnly: whether to leave the file as it is, a copy that nobody writes: no log is made
    ///     beside it, and a write fails.
    /// - workload: what it is opened for.
    /// - busyWaitMs: how long a call waits for another process, or for a reader to come free,
    ///     before `StoreError.busy`.
    /// - readersMax: how many threads may read at once; each has a connection, opened when first
    ///     needed and then kept.
    /// - limitedReadsMax: how many reads with a time limit run at once.
    /// - statementsMax: how many prepared statements a connection keeps.
    /// - Throws: `StoreError.unavailable` where the file is not there or not writable.
    public init(
        path: String, create: Bool = false, readOnly: Bool = false,
        workload: Workload = .requests, busyWaitMs: Int64 = 5000, readersMax: Int = 16,
        limitedReadsMax: Int = 8, statementsMax: Int = 200
    ) throws {
        let settings = StoreSettings(
            path: path, readOnly: readOnly, workload: workload, busyWaitMs: busyWaitMs,
            readersMax: readersMax, statementsMax: statementsMax,
            limitedReads: Semaphore(limitedReadsMax))
        self.settings = settings
        let first = try Connection(settings, role: .reader, create: create)
        readers = ReaderPool(settings, first: first)
        writer = Writer(settings)
    }

    deinit {
        close()
    }

    /// Ends the store: what waits to be written is written, and later calls throw
    /// `StoreError.unavailable`.
    ///
    /// A second call does nothing.
    public func close() {
        readers.close()
        writer.close()
    }

    /// Runs `body` on one snapshot, on this thread.
    ///
    /// A read inside a read is another snapshot, and takes another connection.
    /// - Throws: what `body` throws; `StoreError.busy` where all readers were out for `busyWaitMs`.
    public func read<T>(_ body: (any Transaction) throws -> T) throws -> T {
        try readers.read(body)
    }

    /// Runs `body` on the writer's thread in a transaction of its own, and returns when it is on
    /// the disk.
    ///
    /// A write inside `body` is refused, since it would wait for itself.
    /// - Throws: what `body` throws, or `StoreError`: then nothing of it has happened, except that
    ///   after `unavailable` a crash of the machine may bring back what the disk had taken.
    @discardableResult
    public func write<T: Sendable>(
        _ end: TransactionEnd, _ body: @Sendable (any Transaction) throws -> T
    ) throws -> T {
        var value: T?
        try withoutActuallyEscaping(body) { body in
            try writer.write(end) { value = try body($0) }
        }
        guard let value else { throw StoreError.misuse("A write was answered and never ran.") }
        return value
    }
}
