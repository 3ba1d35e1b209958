import CSQLite
import Glibc
import Synchronization
import Threads

/// Copies the log into the database while others go on to write to it.
///
/// The kind of copy that it asks for waits for nobody and keeps nobody waiting. Its thread and its
/// connection are made when they are first needed, which in a quiet shop is never.
/// https://www.sqlite.org/c3ref/wal_checkpoint_v2.html
final class Checkpointer: Sendable {
    private struct State {
        var thread: Thread?
        var isBusy = false
        var isClosed = false
    }

    private let settings: StoreSettings
    private let state = Mutex(State())
    private let wanted = Semaphore(0)

    init(_ settings: StoreSettings) {
        self.settings = settings
    }

    /// Whether a copy has been asked for that is not made yet.
    var isBusy: Bool { state.withLock(\.isBusy) }

    /// Asks for a copy, and does not wait for it.
    func checkpointSoon() {
        do {
            try state.withLock {
                guard !$0.isBusy, !$0.isClosed else { return }
                if $0.thread == nil { $0.thread = try startThread("souk-copier", work) }
                $0.isBusy = true
                wanted.signal()
            }
        } catch {
            settings.counts.checkpointsFailed.add(1, ordering: .relaxed)
        }
    }

    /// Lets a copy that is under way come to its end, and ends the thread.
    func close() {
        let thread = state.withLock {
            $0.isClosed = true
            return $0.thread.take()
        }
        guard let thread else { return }
        wanted.signal()
        thread.join()
    }

    private func work() {
        var connection: Connection?
        while true {
            wanted.wait()
            guard !state.withLock(\.isClosed) else { return }
            do {
                let open = try connection ?? Connection(settings, role: .writer)
                open.handle.checkpoint(SQLITE_CHECKPOINT_PASSIVE, settings.counts)
                connection = open
            } catch {
                settings.counts.checkpointsFailed.add(1, ordering: .relaxed)
            }
            state.withLock { $0.isBusy = false }
        }
    }
}

extension Handle {
    /// Copies what can be copied of the log.
    ///
    /// Nothing is lost where it fails: the log is as durable as the file, and a disk that is full
    /// or broken says so to the next write.
    /// - Returns: false where there was no attempt, because another process is copying it.
    @discardableResult
    func checkpoint(_ mode: Int32, _ counts: StoreCounts) -> Bool {
        var frames: Int32 = -1
        var copied: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(database, nil, mode, &frames, &copied)
        let isBusy = code & 0xff == SQLITE_BUSY
        if isBusy, frames < 0 { return false }
        // Else BUSY says that somebody reads from it still; what was copied is copied.
        guard code == SQLITE_OK || isBusy, frames >= 0 else {
            counts.checkpointsFailed.add(1, ordering: .relaxed)
            return true
        }
        counts.framesLeft.store(Int(frames - copied), ordering: .relaxed)
        if copied < frames {
            counts.checkpointsPartial.add(1, ordering: .relaxed)
        } else {
            counts.checkpointsComplete.add(1, ordering: .relaxed)
        }
        return true
    }
}
