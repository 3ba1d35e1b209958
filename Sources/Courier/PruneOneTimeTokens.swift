import Customers
import Storage

/// The most tokens that one transaction deletes.
private let tokensMax: Int64 = 1000

extension PeriodicTask {
    /// Deletes one-time tokens a day after they were sent, with the addresses in them.
    static let pruneOneTimeTokens = PeriodicTask("prune tokens", everySeconds: 3600) { now, store in
        try store.write {
            try Customers.pruneOneTimeTokens(at: now, atMost: tokensMax, in: $0)
        } >= tokensMax
    }
}
