import Storage
import Synchronization
import Threads

/// A shop's database in one SQLite file, shared by the responders.
///
/// Reads run on the caller's thread. Writes run on one thread of each process, which commits all
/// waiting writes together. SQLite's lock orders the writes of different processes. See DESIGN.md
/// and https://www.sqlite.org/wal.html
public final class SQLiteStore: Engine {
    let settings: StoreSettings
    let readers: ReaderPool
    let writer: Writer

    /// Opens the database at `path`.
    ///
    /// - Parameters:
    ///   - path: the database file. SQLite creates `-wal` and `-shm` files in the same folder, so
    ///     the folder must be writable and on a local disk.
    ///   - create: whether to create the file if it does not exist.
    ///   - readOnly: whether to leave the file unchanged. It must be a copy that nobody writes. No
    ///     WAL is created, and writes fail.
    ///   - workload: the purpose of the store.
    ///   - busyWaitMs: how many milliseconds a call waits for another process or for a free reader
    ///     before it throws `StoreError.busy`.
    ///   - readersMax: the most threads that read at once. Each has a connection, opened on first
    ///     use and then kept.
    ///   - limitedReadsMax: the most reads with a time limit that run at once.
    ///   - statementsMax: the most prepared statements that a connection keeps.
    /// - Throws: `StoreError.unavailable` if the file does not exist or is not writable.
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

    /// The path of the database file.
    public var name: String { settings.path }

    deinit {
        close()
    }

    /// Closes the store after the waiting writes are committed.
    ///
    /// Later calls of `read` and `write` throw `StoreError.unavailable`. A second `close` does
    /// nothing.
    public func close() {
        readers.close()
        writer.close()
    }

    /// Runs `body` on one snapshot, on this thread.
    ///
    /// A read inside a read has a snapshot and a connection of its own.
    ///
    /// - Throws: the error of `body`; `StoreError.busy` if no reader is free within `busyWaitMs`.
    public func read<T>(_ body: (any Transaction) throws -> T) throws -> T {
        try readers.read(body)
    }

    /// Runs `body` in a transaction on the writer thread, and returns after the commit is on the
    /// disk.
    ///
    /// A write inside `body` is rejected, because it would wait for itself.
    ///
    /// - Throws: the error of `body`, or `StoreError`. The transaction is then rolled back. After
    ///   `unavailable`, a crash of the machine may still bring its changes back if the disk had
    ///   stored them.
    @discardableResult
    public func write<T: Sendable>(
        _ end: TransactionEnd, _ body: @Sendable (any Transaction) throws -> T
    ) throws -> T {
        var value: T?
        try withoutActuallyEscaping(body) { body in
            try writer.write(end) { value = try body($0) }
        }
        guard let value else { throw StoreError.misuse("A write was answered but never ran.") }
        return value
    }
}
