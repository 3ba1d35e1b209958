import Glibc
import Threads

/// What a store has done since it was opened, in this process, and how it stands.
public struct StoreStatistics: Sendable, Equatable {
    /// COMMITs made: at most one fsync each, whatever it held.
    public let commits: Int
    /// Times the writer took up whoever waited at that moment.
    public let batches: Int
    /// Calls of `write` that were answered, those that failed and dry runs too.
    public let writes: Int
    /// Statements that a connection had prepared before.
    public let statementsReused: Int
    /// Statements that had to be prepared.
    public let statementsPrepared: Int
    /// Copies of the log into the file that got all of it.
    public let checkpointsComplete: Int
    /// Copies that stopped at what somebody still reads.
    public let checkpointsPartial: Int
    /// Copies that failed; the next write tells why.
    public let checkpointsFailed: Int
    /// Frames of the log that the last copy left behind: a read that does not end makes them grow.
    public let framesLeft: Int
    /// The length of the log's file, 0 where there is none.
    public let logBytes: Int
    /// Reads that reached their time limit.
    public let timeouts: Int
    /// Steps of SQLite's virtual machine that reads with a time limit took, in whole thousands a
    /// read.
    public let limitedSteps: Int
    /// Threads that read at this moment.
    public let readersBusy: Int
    /// Threads that may read at once.
    public let readersMax: Int
}

extension SQLiteStore {
    /// What has been done since this store was opened, and how it stands.
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

    /// Whether a write failed within the last `seconds` because the disk is full or fails, and none
    /// has succeeded since.
    public func hasFailedToWrite(withinSeconds seconds: Int64) -> Bool {
        let failedAt = settings.counts.writeFailedAtMs.load(ordering: .relaxed)
        return failedAt > .min && failedAt > monotonicMs() - seconds * 1000
    }

    /// By its name and never by opening it: closing a descriptor would drop the locks that SQLite
    /// holds on the file in this process. https://www.sqlite.org/howtocorrupt.html
    private var logBytes: Int {
        var status = stat()
        return stat("\(settings.path)-wal", &status) == 0 ? Int(status.st_size) : 0
    }
}
