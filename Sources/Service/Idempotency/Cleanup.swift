import Synchronization

/// Decides which requests of a process clean up stored responses: one in 16, beginning with the first.
///
/// The number of a stored response could decide it as well. But a server that gives the number would
/// have to answer before the commit, which costs a round trip.
final class Cleanup: Sendable {
    private let requests = Atomic<UInt>(0)

    /// Whether the request that asks has to clean up.
    var isDue: Bool {
        requests.add(1, ordering: .relaxed).oldValue % 16 == 0
    }
}
