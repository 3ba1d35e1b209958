import CSQLite

/// Copies the log into the database once it is long, after those who waited have been answered.
///
/// By itself SQLite does this inside COMMIT, so that one sale in some hundred waits for the whole
/// copy and two more fsyncs. A hook of ours takes the place of that.
/// https://www.sqlite.org/c3ref/wal_checkpoint_v2.html
final class Checkpoint {
    /// How long the log is when it is first copied: 16 MiB.
    ///
    /// SQLite's own limit of 4 MiB is a quarter of a second's purchases, and most of the pages in it
    /// will have been written again by the next time.
    private static let pagesMin: Int32 = 4000
    /// How much longer it may get until it is made to start again: 32 MiB.
    private static let pagesMax: Int32 = 8000
    /// How long that may keep writers waiting.
    private static let restartMs: Int64 = 50

    private let handle: Handle
    private let counts: StoreCounts
    private var pages: Int32 = 0
    private var pagesBefore: Int32 = 0
    private var pagesAtCopy = pagesMin
    private var pagesAtRestart = pagesMax

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

    /// Copies what can be copied, where the last commit left the log long.
    ///
    /// Nothing is lost where it fails: the log is as durable as the file, and a disk that is full
    /// or broken says so to the next write.
    func runIfDue() {
        defer { pages = 0 }
        guard pages > 0 else { return }
        if pages < pagesBefore {
            // It has begun again.
            pagesAtCopy = Checkpoint.pagesMin
            pagesAtRestart = Checkpoint.pagesMax
        }
        pagesBefore = pages
        guard pages >= pagesAtCopy else { return }
        let isWhole = copy(SQLITE_CHECKPOINT_PASSIVE)
        // Where somebody reads from it, as a backup does for minutes, each attempt sorts what is left:
        // 0.2 ms at 16 MiB, 1.3 ms at 160 MiB, which after each commit all who write would wait for.
        // The log may grow by a quarter first.
        pagesAtCopy = isWhole ? Checkpoint.pagesMin : pages + max(Checkpoint.pagesMin, pages / 4)
        // A log starts again only if a writer comes when all of it is copied and nobody reads from
        // it. Four processes that write at once never leave that moment, so it is made: what little
        // came since the copy above is copied while writers wait, and then the readers' end is
        // awaited, but not that of a long report.
        if pages >= pagesAtRestart {
            handle.busyWait.deadlineMs = monotonicMs() + Checkpoint.restartMs
            copy(SQLITE_CHECKPOINT_RESTART)
            pagesAtRestart = pages + max(Checkpoint.pagesMax, pages)
        }
    }

    /// - Returns: whether all of the log was copied.
    @discardableResult
    private func copy(_ mode: Int32) -> Bool {
        var frames: Int32 = 0
        var copied: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(handle.database, nil, mode, &frames, &copied)
        // BUSY says that somebody reads from it still; what was copied is copied.
        guard code == SQLITE_OK || code & 0xff == SQLITE_BUSY, frames >= 0 else {
            counts.checkpointsFailed.add(1, ordering: .relaxed)
            return false
        }
        counts.framesLeft.store(Int(frames - copied), ordering: .relaxed)
        if copied < frames {
            counts.checkpointsPartial.add(1, ordering: .relaxed)
        } else {
            counts.checkpointsComplete.add(1, ordering: .relaxed)
        }
        return copied >= frames
    }
}
