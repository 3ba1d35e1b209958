import Storage
import Threads

/// One caller's transaction on its way through the writer.
///
/// `@unchecked Sendable`: the caller makes it and sleeps; the writer alone touches it until
/// `answer`; then the caller alone does. The queue's lock and the semaphore order the three.
final class Job: @unchecked Sendable {
    let end: TransactionEnd
    /// When its caller no longer waits for another process to let go of the database.
    let deadlineMs: Int64
    /// What went wrong in its last attempt.
    var failure: (any Error)?
    private var body: ((any Transaction) throws -> Void)?
    /// Who is to be woken by its caller.
    private var next: Job?
    private let answered = Semaphore(0)

    init(
        _ end: TransactionEnd, deadlineMs: Int64, body: @escaping (any Transaction) throws -> Void
    ) {
        self.end = end
        self.deadlineMs = deadlineMs
        self.body = body
    }

    /// Runs the caller's closure once more.
    ///
    /// A foreign key that is checked at the end is checked here, at the end of its own job: a
    /// COMMIT that fails would fail for the whole batch, and a dry run would never hear of it.
    func attempt(on connection: Connection) throws {
        try body?(connection)
        guard connection.isInTransaction else {
            throw StoreError.misuse("The transaction ended before its body did.")
        }
        if connection.hasBrokenForeignKey { throw StoreError.constraint("foreign_key") }
    }

    /// Wakes the callers of `jobs`, the first of them now and each of the others by the one before.
    ///
    /// Sixteen that wake at once push the writer off its core while the next group waits for it.
    static func answer(_ jobs: [Job]) {
        for (job, next) in zip(jobs, jobs.dropFirst()) { job.next = next }
        jobs.first?.answer()
    }

    /// Wakes the caller.
    ///
    /// The closure is its caller's and must not outlive the call, so it is let go before.
    private func answer() {
        body = nil
        answered.signal()
    }

    /// Sleeps until the writer answers.
    func wait() throws {
        answered.wait()
        next.take()?.answer()
        if let failure { throw failure }
    }
}
