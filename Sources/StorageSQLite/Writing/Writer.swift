import Glibc
import Storage
import Synchronization
import Threads

/// The one thread of this process that writes.
///
/// Jobs that come while it commits wait and go into the next COMMIT together, so under load the
/// disk is asked once for many.
final class Writer: Sendable {
    private struct State {
        var queue: [Job] = []
        var thread: Thread?
        var isClosed = false
        /// Whether the writer sleeps, or is about to, and must be woken.
        var isIdle = false
    }

    /// More than all workers of a responder; it bounds how long the first waits for the last.
    private static let batchMax = 256

    private let settings: StoreSettings
    private let state = Mutex(State())
    private let arrived = Semaphore(0)
    private let copier: Checkpointer

    init(_ settings: StoreSettings) {
        self.settings = settings
        copier = Checkpointer(settings)
    }

    /// Has `body` run on the writer's thread, and returns when it is durable.
    func write(_ end: TransactionEnd, body: @escaping (any Transaction) throws -> Void) throws {
        let job = Job(end, deadlineMs: monotonicMs() + settings.busyWaitMs, body: body)
        try state.withLock {
            guard !$0.isClosed else { throw StoreError.closed }
            if $0.thread?.isCurrent == true {
                // It would wait for itself.
                throw StoreError.misuse("A write was asked for inside the body of a write.")
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

    /// Finishes what waits, then ends the threads and closes their connections.
    func close() {
        let thread = state.withLock {
            $0.isClosed = true
            // Taken out: joining twice would reap whoever has got the same handle since.
            return $0.thread.take()
        }
        guard let thread else { return }
        arrived.signal()
        thread.join()
        copier.close()
    }
}

extension Writer {
    private func work() {
        var connection: Connection?
        while let batch = nextBatch() {
            connection = commit(batch, on: connection)
        }
    }

    /// Sleeps until somebody waits; nil once the store is closed and nobody does.
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

    /// Commits and answers `batch`, on `connection` or a new one.
    /// - Returns: the connection, or nil where it is of no more use.
    private func commit(_ batch: [Job], on connection: Connection?) -> Connection? {
        var connection = connection
        do {
            let open = try connection ?? Connection(settings, role: .writer)
            let commits = GroupCommit(on: open).run(batch)
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
        connection?.checkpoint.runIfDue(by: copier)
        return connection
    }
}

extension Error {
    /// Whether the disk is full or fails.
    fileprivate var isUnavailable: Bool {
        if case .unavailable? = self as? StoreError { true } else { false }
    }
}
