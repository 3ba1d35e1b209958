import Glibc
import Storage
import Synchronization
import Threads

/// The one thread of this process that writes.
///
/// Jobs that arrive during a commit go into the next group, so under load many share one fsync.
final class Writer: Sendable {
    private struct State {
        var queue: [Job] = []
        var thread: Thread?
        var isClosed = false
        /// Whether the writer sleeps, or is about to, and must be woken.
        var isIdle = false
    }

    /// The most jobs in a group, which bounds how long the first one waits for the last.
    ///
    /// It is more than the worker threads of a responder.
    private static let batchMax = 256

    private let settings: StoreSettings
    private let state = Mutex(State())
    private let arrived = Semaphore(0)
    private let closing = Semaphore(0)
    private let checkpointer: Checkpointer

    init(_ settings: StoreSettings) {
        self.settings = settings
        checkpointer = Checkpointer(settings)
    }

    /// Runs `body` on the writer thread, and returns after the commit is durable.
    func write(_ end: TransactionEnd, body: @escaping (any Transaction) throws -> Void) throws {
        let job = Job(end, deadlineMs: monotonicMs() + settings.busyWaitMs, body: body)
        try state.withLock {
            guard !$0.isClosed else { throw StoreError.closed }
            if $0.thread?.isCurrent == true {
                // It would wait for itself.
                throw StoreError.misuse("A write must not run inside another write.")
            }
            if $0.thread == nil { $0.thread = try startThread("souk-writer", work) }
            $0.queue.append(job)
            if $0.isIdle {
                $0.isIdle = false
                arrived.signal()
            }
        }
        try job.wait()
    }

    /// The number of jobs in the queue.
    var waiting: Int { state.withLock { $0.queue.count } }

    /// Commits the waiting jobs, then ends the threads and closes their connections.
    func close() {
        let thread = state.withLock {
            $0.isClosed = true
            // The thread is taken out of the state, because joining a handle twice is undefined.
            return $0.thread.take()
        }
        guard let thread else { return }
        arrived.signal()
        closing.signal()
        thread.join()
        checkpointer.close()
    }
}

extension Writer {
    private func work() {
        var connection: Connection?
        while let batch = nextBatch() {
            connection = commit(batch, on: connection)
        }
    }

    /// Waits for jobs, and returns nil once the store is closed and none is left.
    private func nextBatch() -> [Job]? {
        while true {
            let (batch, isClosed) = state.withLock {
                let batch = Array($0.queue.prefix(Writer.batchMax))
                $0.queue.removeFirst(batch.count)
                $0.isIdle = batch.isEmpty
                return (batch, $0.isClosed)
            }
            if !batch.isEmpty { return batch }
            if isClosed { return nil }
            arrived.wait()
        }
    }

    /// Commits `batch` on `connection` or a new one, and wakes its callers.
    ///
    /// - Returns: the connection, or nil if it can no longer be used.
    private func commit(_ batch: [Job], on connection: Connection?) -> Connection? {
        var (connection, pauseMs) = (connection, Int64(0))
        do {
            let open = try connection ?? Connection(settings, role: .writer)
            let lock = LockTimes(of: open.handle.busyWait)
            let commits = GroupCommit(on: open).run(batch)
            pauseMs = settings.workload == .background ? lock.pauseMs : 0
            settings.counts.commits.add(commits, ordering: .relaxed)
            if commits > 0 { settings.counts.writeFailedAtMs.store(.min, ordering: .relaxed) }
            open.statements.report(to: settings.counts)
            connection = open.isInTransaction ? nil : open
        } catch {
            for job in batch { job.failure = error }
        }
        if batch.contains(where: { $0.failure?.isUnavailable ?? false }) {
            settings.counts.writeFailedAtMs.store(monotonicMs(), ordering: .relaxed)
        }
        settings.counts.batches.add(1, ordering: .relaxed)
        settings.counts.jobs.add(batch.count, ordering: .relaxed)
        Job.answer(batch)
        connection?.checkpoint.runIfDue(by: checkpointer)
        if pauseMs > 0 { _ = closing.wait(timeoutMs: pauseMs) }
        return connection
    }
}

extension Error {
    /// Whether the disk is full or fails.
    fileprivate var isUnavailable: Bool {
        if case .unavailable? = self as? StoreError { true } else { false }
    }
}
