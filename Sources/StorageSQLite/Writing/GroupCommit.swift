import Storage

/// Runs the transactions of several callers in one SQLite transaction, so that they share an fsync.
///
/// No caller is answered before COMMIT returns, not even one whose transaction failed. Its error
/// may depend on an uncommitted write of the same group. See docs/decisions/0004.
struct GroupCommit {
    let connection: Connection
    private var control: Control { connection.control }

    /// The number of groups that use savepoints after a group had to run again.
    private static let guardedAfterFailure = 100

    init(on connection: Connection) {
        self.connection = connection
    }

    /// Runs `jobs` in their order, each isolated from the failures of the others.
    ///
    /// It does not wake the callers.
    ///
    /// - Returns: the number of COMMITs.
    func run(_ jobs: [Job]) -> Int {
        guard jobs.count > 1 else { return runAlone(jobs) }
        do {
            do {
                try run(jobs, each: connection.groupsToGuard > 0 ? runInSavepoint : runBare)
                connection.groupsToGuard = max(0, connection.groupsToGuard - 1)
            } catch is NotUndoable {
                // After one late failure, more are likely.
                connection.groupsToGuard = GroupCommit.guardedAfterFailure
                connection.rollBack()
                try run(jobs, each: runInSavepoint)
            }
            return 1
        } catch is TransactionLost {
            // The rollback has also undone the jobs that succeeded. Each job runs again, in a
            // transaction of its own.
            return runAlone(jobs)
        } catch {
            connection.rollBack()
            for job in jobs { job.failure = error }
            return 0
        }
    }

    private func run(_ jobs: [Job], each runOne: (Job) throws -> Void) throws {
        try begin(deadlineMs: jobs[0].deadlineMs)
        for job in jobs { try runOne(job) }
        try control.commit.run()
    }

    /// Runs `job` without a savepoint, because a savepoint copies each changed page.
    ///
    /// - Throws: `NotUndoable` if the job fails after a change, or is a dry run.
    private func runBare(_ job: Job) throws {
        guard job.end == .commit else { throw NotUndoable() }
        connection.hasChanged = false
        do {
            job.failure = nil
            try job.attempt(on: connection)
        } catch {
            job.failure = error
            guard connection.isInTransaction else { throw TransactionLost() }
            guard !connection.hasChanged else { throw NotUndoable() }
        }
    }

    private func runAlone(_ jobs: [Job]) -> Int {
        var commits = 0
        for job in jobs {
            do {
                job.failure = nil
                try begin(deadlineMs: job.deadlineMs)
                try job.attempt(on: connection)
                switch job.end {
                case .commit:
                    try control.commit.run()
                    commits += 1
                case .rollback: try control.rollback.run()
                }
            } catch {
                connection.rollBack()
                job.failure = error
            }
        }
        return commits
    }

    /// Runs `job` in a savepoint, so that its failure undoes only its own changes.
    ///
    /// - Throws: `TransactionLost` if the savepoint cannot be undone.
    private func runInSavepoint(_ job: Job) throws {
        do {
            job.failure = nil
            try control.savepoint.run()
            try job.attempt(on: connection)
            if job.end == .rollback { try control.undo.run() }
            try control.release.run()
        } catch {
            job.failure = error
            do {
                try control.undo.run()
                try control.release.run()
            } catch {
                connection.rollBack()
                throw TransactionLost()
            }
        }
    }

    private func begin(deadlineMs: Int64) throws {
        connection.handle.busyWait.deadlineMs = deadlineMs
        try control.begin.run()
    }
}

/// A job must be undone, but the transaction has no savepoint for it.
private struct NotUndoable: Error {}

/// The transaction of the group was rolled back, together with the earlier jobs.
private struct TransactionLost: Error {}
