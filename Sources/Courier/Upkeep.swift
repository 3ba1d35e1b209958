import Logging
import Outbox
import Storage
import Synchronization
import Threads
import Values

/// Runs the periodic tasks, one after another.
final class Upkeep: Sendable {
    /// The pause in milliseconds after a batch that was not the last.
    private static let nextPortionMs: Int64 = 50
    /// The pause in milliseconds after a failure.
    private static let failurePauseMs: Int64 = 10_000
    /// The time after which rows that a task skips again are logged again.
    private static let logPauseMs: Int64 = 60_000

    private let tasks: [PeriodicTask]
    private let store: any Store
    private let log: Logger
    private let clock: @Sendable () -> Instant
    /// When each task is due, in monotonic milliseconds.
    private let due: Mutex<[Int64]>
    /// When each task has last logged that it skips rows.
    private let logged: Mutex<[Int64?]>

    init(
        _ tasks: [PeriodicTask], on store: any Store, log: Logger,
        clock: @escaping @Sendable () -> Instant
    ) {
        self.tasks = tasks
        self.store = store
        self.log = log
        self.clock = clock
        due = Mutex(tasks.map { _ in 0 })
        logged = Mutex(tasks.map { _ in nil })
    }

    /// Does a batch of each task that is due.
    ///
    /// A task that fails does not delay the others.
    /// - Returns: the pause in milliseconds before the next step.
    func step() -> Int64 {
        for (index, task) in tasks.enumerated() where dueTimes[index] <= monotonicMs() {
            let pauseMs = run(task, at: index)
            due.withLock { $0[index] = monotonicMs() + pauseMs }
        }
        return max(1, (dueTimes.min() ?? .max / 2) - monotonicMs())
    }

    private var dueTimes: [Int64] { due.withLock { $0 } }

    private func run(_ task: PeriodicTask, at index: Int) -> Int64 {
        do {
            return try task.step(clock(), store) ? Self.nextPortionMs : task.pauseSeconds * 1000
        } catch let skipped as PeriodicTask.SkippedRows {
            note(skipped, of: task, at: index)
            return task.pauseSeconds * 1000
        } catch {
            log.error("\(task.name) failed", metadata: ["error": "\(error)"])
            return Self.failurePauseMs
        }
    }

    /// Logs the rows that a task skips, once a minute.
    private func note(_ skipped: PeriodicTask.SkippedRows, of task: PeriodicTask, at index: Int) {
        let now = monotonicMs()
        let isNew = logged.withLock { logged in
            if let last = logged[index], now - last < Self.logPauseMs { return false }
            logged[index] = now
            return true
        }
        guard isNew else { return }
        log.error("\(task.name) skipped rows", metadata: ["error": "\(skipped.reason)"])
    }
}

/// The age in seconds after which a failed job is deleted: 30 days.
private let failedJobSeconds: Int64 = 30 * 24 * 60 * 60
/// The most rows that one transaction deletes.
private let rowsMax: Int64 = 1000
private let hour: Int64 = 60 * 60

extension PeriodicTask {
    /// Deletes events that are older than so many days and that the courier has read.
    static func pruneEvents(olderThanDays days: Int) -> PeriodicTask {
        PeriodicTask("prune events", everySeconds: hour) { now, store in
            let oldest = now.adding(seconds: -86_400 * Int64(days))
            return try store.write {
                try Outbox.pruneEvents(before: oldest, limit: rowsMax, in: $0)
            } >= rowsMax
        }
    }

    /// Deletes times of notices that have passed.
    static let pruneNoticeTimes = PeriodicTask("prune times", everySeconds: hour) { now, store in
        try store.write {
            try Outbox.pruneNoticeTimes(before: now, limit: rowsMax, in: $0)
        } >= rowsMax
    }

    /// Deletes old failed jobs.
    static let pruneFailedJobs = PeriodicTask("prune jobs", everySeconds: hour) { now, store in
        let oldest = now.adding(seconds: -failedJobSeconds)
        return try store.write {
            try Outbox.pruneFailedJobs(before: oldest, limit: rowsMax, in: $0)
        } >= rowsMax
    }
}
