import CSQLite
import Threads

/// Has the log copied into the database once it is long, and begun again.
///
/// By itself SQLite does this inside COMMIT, so that one sale in some hundred waits for the whole
/// copy and two more fsyncs. A hook of ours takes the place of that.
/// https://www.sqlite.org/wal.html#checkpointing
final class CheckpointPolicy {
    /// How long the log is when it is first copied, in bytes.
    ///
    /// SQLite's own limit of 4 MiB is a quarter of a second's purchases, and most of the pages in it
    /// will have been written again by the next time.
    private static let bytesMin = 16 << 20
    /// How long it may get until it is made to begin again.
    private static let bytesMax = 48 << 20
    /// How long that may keep writers waiting.
    private static let restartMs: Int64 = 50

    private let handle: Handle
    private let counts: StoreCounts
    /// Of a page, which is the database's own.
    var pageBytes = 2048
    /// How long the log is after the last commit; 0 where that is not to be looked at.
    private var bytes = 0
    private var bytesBefore = 0
    private var bytesAtCopy = bytesMin
    private var bytesAtRestart = bytesMax
    /// Whether it has been copied since it was found to be that long.
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

    /// Does what the last commit has made due.
    ///
    /// Where nobody writes or reads for a moment after it was copied whole, the log begins again by
    /// itself. Many who write at once never leave that moment, so it is made: what came since the
    /// last copy, which is little, is copied while writers wait, and then the readers' end is
    /// awaited, but not that of a long report.
    func runIfDue(by copier: Checkpointer) {
        defer { bytes = 0 }
        guard bytes > 0 else { return }
        if bytes < bytesBefore {
            // It has begun again.
            bytesAtCopy = CheckpointPolicy.bytesMin
            bytesAtRestart = CheckpointPolicy.bytesMax
            isReadyToRestart = false
        }
        bytesBefore = bytes
        guard bytes >= min(bytesAtCopy, bytesAtRestart), !copier.isBusy else { return }
        guard bytes >= bytesAtRestart, isReadyToRestart else {
            isReadyToRestart = bytes >= bytesAtRestart
            // Where somebody reads from it, as a backup does for minutes, each attempt sorts what is
            // left: 0.2 ms at 16 MiB, 1.3 ms at 160 MiB. The log may grow by a quarter first.
            bytesAtCopy = bytes + max(CheckpointPolicy.bytesMin, bytes / 4)
            return copier.checkpointSoon()
        }
        isReadyToRestart = false
        handle.busyWait.deadlineMs = monotonicMs() + CheckpointPolicy.restartMs
        guard handle.checkpoint(SQLITE_CHECKPOINT_RESTART, counts) else { return }
        bytesAtRestart = bytes + max(CheckpointPolicy.bytesMax, bytes)
    }
}
