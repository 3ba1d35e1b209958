import Storage
import Threads

/// A caller's transaction in the queue of the writer.
///
/// `@unchecked Sendable`: the caller creates it and sleeps. Until `answer`, only the writer uses
/// it, and then only the caller. The queue's lock and the semaphore order these steps.
final class Job: @unchecked Sendable {
    let end: TransactionEnd
    /// When the caller stops waiting for the lock of another process.
    let deadlineMs: Int64
    /// The error of the last attempt, if it failed.
    var failure: (any Error)?
    private var body: ((any Transaction) throws -> Void)?
    /// The job whose caller this job's caller wakes.
    private var next: Job?
    private let answered = Semaphore(0)

    init(
        _ end: TransactionEnd, deadlineMs: Int64, body: @escaping (any Transaction) throws -> Void
    ) {
        self.end = end
        self.deadlineMs = deadlineMs
        self.body = body
    }

    /// Runs the caller's closure once.
    ///
    /// It checks deferred foreign keys here, at the end of the job. A failing COMMIT would fail the
    /// whole group, and a dry run has no COMMIT.
    func attempt(on connection: Connection) throws {
        connection.failure = nil
        try body?(connection)
        // A body that ignored the error must not commit without the failed statement.
        if let failure = connection.failure { throw failure }
        guard connection.isInTransaction else {
            throw StoreError.misuse("The transaction ended before its body did.")
        }
        if connection.hasBrokenForeignKey { throw StoreError.constraint("foreign_key") }
    }

    /// Wakes the first caller, and lets each caller wake the next one.
    ///
    /// If sixteen callers woke at once, they would displace the writer from its core while the next
    /// group waits.
    static func answer(_ jobs: [Job]) {
        for (job, next) in zip(jobs, jobs.dropFirst()) { job.next = next }
        jobs.first?.answer()
    }

    /// Wakes the caller.
    ///
    /// It releases the closure first, because the closure must not outlive the caller's call.
    private func answer() {
        body = nil
        answered.signal()
    }

    /// Sleeps until the writer answers, then throws the job's error if it failed.
    func wait() throws {
        answered.wait()
        next.take()?.answer()
        if let failure { throw failure }
    }
}
