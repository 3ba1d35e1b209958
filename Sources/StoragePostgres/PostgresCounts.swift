import Synchronization

/// Counters of all connections of a store, updated by any thread with relaxed additions.
final class PostgresCounts: Sendable {
    let commits = Atomic(0)
    let flushes = Atomic(0)
    let statementsReused = Atomic(0)
    let statementsPrepared = Atomic(0)
    let connectionsOpened = Atomic(0)
    let connectionsOpen = Atomic(0)
    let connectionsLost = Atomic(0)
    let unknownOutcomes = Atomic(0)
    let timeouts = Atomic(0)
    /// When a write last failed because of the server, or `.min` if a write has succeeded since.
    let writeFailedAtMs = Atomic(Int64.min)
    /// The number of transactions that ran again, by the SQLSTATE of the reason.
    let retries = Mutex<[String: Int]>([:])
}
