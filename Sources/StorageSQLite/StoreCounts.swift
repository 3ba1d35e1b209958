import Synchronization

/// Counters of all connections of a store, updated by any thread with relaxed additions.
final class StoreCounts: Sendable {
    let commits = Atomic(0)
    let batches = Atomic(0)
    let jobs = Atomic(0)
    let statementsReused = Atomic(0)
    let statementsPrepared = Atomic(0)
    let checkpointsComplete = Atomic(0)
    let checkpointsPartial = Atomic(0)
    let checkpointsFailed = Atomic(0)
    let timeouts = Atomic(0)
    let limitedSteps = Atomic(0)
    let framesLeft = Atomic(0)
    /// When a write last failed because of the disk, or `.min` if a write has succeeded since.
    let writeFailedAtMs = Atomic(Int64.min)
}
