import Outbox
import Storage
import Values

/// Deletes old events and old failed jobs.
struct Pruner: Sendable {
    /// The age in days after which a failed job is deleted.
    static let failedJobsDays: Int64 = 30
    /// The most rows that one transaction deletes, so that it does not delay orders.
    private static let rowsMax: Int64 = 1000
    /// The pause in milliseconds after a transaction with that many rows.
    private static let nextPortionMs: Int64 = 50
    private static let idleMs: Int64 = 3_600_000

    let store: any Store
    let eventsDays: Int
    let clock: @Sendable () -> Instant

    /// Deletes at most `rowsMax` events and as many jobs.
    /// - Returns: the pause in milliseconds before the next step.
    /// - Throws: `StoreError`.
    func step() throws -> Int64 {
        let now = clock()
        let oldestEvent = now.adding(seconds: -86_400 * Int64(eventsDays))
        let oldestFailure = now.adding(seconds: -86_400 * Self.failedJobsDays)
        let events = try store.write {
            try pruneEvents(before: oldestEvent, limit: Self.rowsMax, in: $0)
        }
        let jobs = try store.write {
            try pruneFailedJobs(before: oldestFailure, limit: Self.rowsMax, in: $0)
        }
        return max(events, jobs) < Self.rowsMax ? Self.idleMs : Self.nextPortionMs
    }
}
