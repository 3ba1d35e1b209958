import CSQLite
import Threads

/// Decides when the WAL is checkpointed and when it restarts.
///
/// By default SQLite runs a checkpoint inside a COMMIT. One order in a few hundred would wait for
/// the whole copy and two more fsyncs. A WAL hook replaces that default.
/// https://www.sqlite.org/wal.html#checkpointing
final class CheckpointPolicy {
    /// The size of the WAL at the first checkpoint, in bytes.
    ///
    /// SQLite's default is 4 MiB, which orders at full speed write in a quarter of a second. Most
    /// of those pages are written again before the next checkpoint.
    private static let bytesMin = 16 << 20
    /// The size at which writers are made to wait so that the WAL can restart, in bytes.
    private static let bytesMax = 48 << 20
    /// How long writers may wait for a restart, in milliseconds.
    private static let restartMs: Int64 = 50

    private let handle: Handle
    private let counts: StoreCounts
    /// The page size of the database in bytes.
    var pageBytes = 2048
    /// The size of the WAL in bytes after the last commit, or 0 if there is nothing to check.
    private var bytes = 0
    private var bytesBefore = 0
    private var bytesAtCopy = bytesMin
    private var bytesAtRestart = bytesMax
    /// Whether a checkpoint has run since the WAL reached `bytesAtRestart`.
    private var isReadyToRestart = false

    init(_ handle: Handle, _ counts: StoreCounts) {
        self.handle = handle
        self.counts = counts
        sqlite3_wal_hook(
            handle.database,
            { context, _, _, pages in
                guard let context else { return SQLITE_OK }
                let checkpoint = Unmanaged<CheckpointPolicy>.fromOpaque(context)
                    .takeUnretainedValue()
                checkpoint.bytes = Int(pages) * checkpoint.pageBytes
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        sqlite3_wal_hook(handle.database, nil, nil)
    }

    /// Starts the checkpoint that the last commit has made due, if any.
    ///
    /// After a complete checkpoint, the WAL restarts by itself as soon as nobody reads or writes.
    /// Under constant writes that moment never comes, so a restart makes writers wait. It copies
    /// the few frames since the last checkpoint and then waits for readers, but at most
    /// `restartMs`.
    func runIfDue(by checkpointer: Checkpointer) {
        defer { bytes = 0 }
        guard bytes > 0 else { return }
        if bytes < bytesBefore {
            // The WAL has restarted.
            bytesAtCopy = CheckpointPolicy.bytesMin
            bytesAtRestart = CheckpointPolicy.bytesMax
            isReadyToRestart = false
        }
        bytesBefore = bytes
        guard bytes >= min(bytesAtCopy, bytesAtRestart), !checkpointer.isBusy else { return }
        guard bytes >= bytesAtRestart, isReadyToRestart else {
            isReadyToRestart = bytes >= bytesAtRestart
            // While a reader such as a backup holds the WAL, each attempt sorts the frames that are
            // left. That takes 0.2 ms at 16 MiB and 1.3 ms at 160 MiB, so the WAL may first grow by
            // a quarter.
            bytesAtCopy = bytes + max(CheckpointPolicy.bytesMin, bytes / 4)
            return checkpointer.checkpointSoon()
        }
        isReadyToRestart = false
        handle.busyWait.deadlineMs = monotonicMs() + CheckpointPolicy.restartMs
        guard handle.checkpoint(SQLITE_CHECKPOINT_RESTART, counts) else { return }
        bytesAtRestart = bytes + max(CheckpointPolicy.bytesMax, bytes)
    }
}
