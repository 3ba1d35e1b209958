import Synchronization

/// Counts of what the courier has done since its start, for metrics.
final class CourierCounts: Sendable {
    /// The results of the attempts of one kind of job.
    struct Results: Sendable {
        var delivered = 0
        var retried = 0
        var failed = 0
    }

    let numberedEvents = Atomic(0)
    /// Events that a subscriber could not handle, and that became jobs.
    let postponedEvents = Atomic(0)
    /// Attempts to pass events on that failed as a whole.
    let failedDispatches = Atomic(0)
    let claimedJobs = Atomic(0)
    /// Attempts whose result was not recorded, because their lease had ended.
    let lostLeases = Atomic(0)
    private let results: Mutex<[String: Results]>

    /// Creates counts of 0 for each kind.
    init(of kinds: [String]) {
        results = Mutex(Dictionary(kinds.map { ($0, Results()) }) { first, _ in first })
    }

    func note(_ end: JobEnd, of kind: String) {
        results.withLock {
            switch end {
            case .completed: $0[kind, default: Results()].delivered += 1
            case .retried: $0[kind, default: Results()].retried += 1
            case .failed: $0[kind, default: Results()].failed += 1
            }
        }
    }

    /// The results by kind, sorted by the name of the kind.
    var byKind: [(kind: String, results: Results)] {
        results.withLock { $0.sorted { $0.key < $1.key }.map { (kind: $0.key, results: $0.value) } }
    }
}
