import CSQLite
import Glibc
import Synchronization
import Threads

/// Runs checkpoints on a thread of its own while other connections write.
///
/// A passive checkpoint neither waits for others nor makes them wait. The thread and its connection
/// start with the first checkpoint. https://www.sqlite.org/c3ref/wal_checkpoint_v2.html
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

    /// Whether a requested checkpoint has not finished yet.
    var isBusy: Bool { state.withLock(\.isBusy) }

    /// Requests a checkpoint without waiting for it.
    func checkpointSoon() {
        do {
            try state.withLock {
                guard !$0.isBusy, !$0.isClosed else { return }
                if $0.thread == nil { $0.thread = try startThread("souk-checkpoint", work) }
                $0.isBusy = true
                wanted.signal()
            }
        } catch {
            settings.counts.checkpointsFailed.add(1, ordering: .relaxed)
        }
    }

    /// Waits for a running checkpoint to finish, then ends the thread.
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
    /// Runs one checkpoint and counts its result.
    ///
    /// A failure loses nothing: the WAL is as durable as the database, and the next write reports a
    /// full or broken disk.
    ///
    /// - Returns: false if another process is running a checkpoint.
    @discardableResult
    func checkpoint(_ mode: Int32, _ counts: StoreCounts) -> Bool {
        var frames: Int32 = -1
        var copied: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(database, nil, mode, &frames, &copied)
        let isBusy = code & 0xff == SQLITE_BUSY
        if isBusy, frames < 0 { return false }
        // Here BUSY means that a reader still needs the WAL. The other frames are copied.
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
