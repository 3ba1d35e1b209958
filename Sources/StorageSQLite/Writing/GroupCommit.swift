import Storage

/// Many callers' transactions in one of SQLite's, so that they share one fsync.
///
/// Nobody is answered before the COMMIT has returned, not even who failed: the failure may follow
/// from what a neighbour wrote, and that is true only from then on.
struct GroupCommit {
    let connection: Connection
    private var control: Control { connection.control }

    /// How many groups have savepoints after one that had to begin again for want of them.
    private static let guardedAfterFailure = 100

    init(on connection: Connection) {
        self.connection = connection
    }

    /// Runs `jobs` in their order, each as if alone, and answers none.
    /// - Returns: how many COMMITs it took.
    func run(_ jobs: [Job]) -> Int {
        guard jobs.count > 1 else { return runAlone(jobs) }
        do {
            do {
                try run(jobs, each: connection.groupsToGuard > 0 ? runInSavepoint : runBare)
                connection.groupsToGuard = max(0, connection.groupsToGuard - 1)
            } catch is NotUndoable {
                // Where some fail late, more will.
                connection.groupsToGuard = GroupCommit.guardedAfterFailure
                connection.rollBack()
                try run(jobs, each: runInSavepoint)
            }
            return 1
        } catch is TransactionLost {
            // The jobs before were undone as well, through no fault of theirs. Each again, alone:
            // whoever caused it takes nobody along.
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

    /// Runs `job` without a way to undo it alone: a savepoint copies each page that is changed.
    ///
    /// - Throws: `NotUndoable` where it fails after a change, or is a dry run.
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

    /// Runs `job` so that its failure undoes its own work and nothing else.
    /// - Throws: `TransactionLost`, whatever the reason.
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

/// A job must be undone, and its neighbours must not.
private struct NotUndoable: Error {}

/// The transaction of a batch is gone, and with it what the jobs before had done.
private struct TransactionLost: Error {}
