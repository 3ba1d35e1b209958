import CSQLite

/// Has the log copied into the database once it is long, and begun again.
///
/// By itself SQLite does this inside COMMIT, so that one sale in some hundred waits for the whole
/// copy and two more fsyncs. A hook of ours takes the place of that.
/// https://www.sqlite.org/wal.html#checkpointing
final class Checkpoint {
    /// How long the log is when it is first copied: 16 MiB.
    ///
    /// SQLite's own limit of 4 MiB is a quarter of a second's purchases, and most of the pages in it
    /// will have been written again by the next time.
    private static let pagesMin: Int32 = 4000
    /// How long it may get until it is made to begin again: 48 MiB.
    private static let pagesMax: Int32 = 12_000
    /// How long that may keep writers waiting.
    private static let restartMs: Int64 = 50

    private let handle: Handle
    private let counts: StoreCounts
    private var pages: Int32 = 0
    private var pagesBefore: Int32 = 0
    private var pagesAtCopy = pagesMin
    private var pagesAtRestart = pagesMax
    /// Whether it has been copied since it was found to be that long.
    private var isReadyToRestart = false

    init(_ handle: Handle, _ counts: StoreCounts) {
        self.handle = handle
        self.counts = counts
        sqlite3_wal_hook(
            handle.database,
            { context, _, _, pages in
                guard let context else { return SQLITE_OK }
                Unmanaged<Checkpoint>.fromOpaque(context).takeUnretainedValue().pages = pages
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
    func runIfDue(by copier: LogCopier) {
        defer { pages = 0 }
        guard pages > 0 else { return }
        if pages < pagesBefore {
            // It has begun again.
            pagesAtCopy = Checkpoint.pagesMin
            pagesAtRestart = Checkpoint.pagesMax
            isReadyToRestart = false
        }
        pagesBefore = pages
        guard pages >= min(pagesAtCopy, pagesAtRestart), !copier.isBusy else { return }
        guard pages >= pagesAtRestart, isReadyToRestart else {
            isReadyToRestart = pages >= pagesAtRestart
            // Where somebody reads from it, as a backup does for minutes, each attempt sorts what is
            // left: 0.2 ms at 16 MiB, 1.3 ms at 160 MiB. The log may grow by a quarter first.
            pagesAtCopy = pages + max(Checkpoint.pagesMin, pages / 4)
            return copier.copySoon()
        }
        isReadyToRestart = false
        pagesAtRestart = pages + max(Checkpoint.pagesMax, pages)
        handle.busyWait.deadlineMs = monotonicMs() + Checkpoint.restartMs
        handle.copyLog(SQLITE_CHECKPOINT_RESTART, counts)
    }
}
