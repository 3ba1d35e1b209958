import Glibc
import Threads

/// What a store has done in this process since it was opened, and its current state.
public struct StoreStatistics: Sendable, Equatable {
    /// The number of COMMITs, each with at most one fsync.
    public let commits: Int
    /// The number of groups of writes that the writer thread has run.
    public let batches: Int
    /// The number of `write` calls that have returned, including failures and dry runs.
    public let writes: Int
    /// The number of statements taken from a connection's cache.
    public let statementsReused: Int
    /// The number of statements that were prepared.
    public let statementsPrepared: Int
    /// The number of checkpoints that copied the whole WAL.
    public let checkpointsComplete: Int
    /// The number of checkpoints that stopped at a frame that a reader still needs.
    public let checkpointsPartial: Int
    /// The number of checkpoints that failed; the next write reports the cause.
    public let checkpointsFailed: Int
    /// The number of WAL frames that the last checkpoint could not copy.
    ///
    /// It grows while a long read is in progress.
    public let framesLeft: Int
    /// The size of the WAL file in bytes, 0 if it does not exist.
    public let logBytes: Int
    /// The number of reads that reached their time limit.
    public let timeouts: Int
    /// The steps of SQLite's virtual machine in reads with a time limit.
    ///
    /// Each read counts whole thousands.
    public let limitedSteps: Int
    /// The number of threads that read now.
    public let readersBusy: Int
    /// The most threads that may read at once.
    public let readersMax: Int
}

extension SQLiteStore {
    /// The statistics since this store was opened.
    public var statistics: StoreStatistics {
        let counts = settings.counts
        return StoreStatistics(
            commits: counts.commits.load(ordering: .relaxed),
            batches: counts.batches.load(ordering: .relaxed),
            writes: counts.jobs.load(ordering: .relaxed),
            statementsReused: counts.statementsReused.load(ordering: .relaxed),
            statementsPrepared: counts.statementsPrepared.load(ordering: .relaxed),
            checkpointsComplete: counts.checkpointsComplete.load(ordering: .relaxed),
            checkpointsPartial: counts.checkpointsPartial.load(ordering: .relaxed),
            checkpointsFailed: counts.checkpointsFailed.load(ordering: .relaxed),
            framesLeft: counts.framesLeft.load(ordering: .relaxed), logBytes: logBytes,
            timeouts: counts.timeouts.load(ordering: .relaxed),
            limitedSteps: counts.limitedSteps.load(ordering: .relaxed),
            readersBusy: readers.busy, readersMax: settings.readersMax)
    }

    /// Whether a write has failed within the last `seconds` because of the disk, and none has
    /// succeeded since.
    public func hasFailedToWrite(withinSeconds seconds: Int64) -> Bool {
        let failedAt = settings.counts.writeFailedAtMs.load(ordering: .relaxed)
        return failedAt > .min && failedAt > monotonicMs() - seconds * 1000
    }

    /// Gets the size by the file's name, without opening it: closing a descriptor would drop
    /// SQLite's locks in this process. https://www.sqlite.org/howtocorrupt.html
    private var logBytes: Int {
        var status = stat()
        return stat("\(settings.path)-wal", &status) == 0 ? Int(status.st_size) : 0
    }
}
