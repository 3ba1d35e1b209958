import HTTP
import Service
import Synchronization

/// Limits concurrent exports, because each one is held in memory completely.
final class ExportSlots: Sendable {
    private let accounts = Mutex<Set<Int64>>([])
    private let slots: Int

    /// Allows `slots` exports at a time, and one for each account.
    init(slots: Int) {
        self.slots = slots
    }

    /// Runs `body`, which exports `account`.
    ///
    /// - Throws: `Problem` 429 `export_in_progress` if the account is being exported, 503
    ///   `unavailable` if no slot is free, both with `Retry-After`; otherwise the error of `body`.
    func run<T>(_ account: Int64, _ body: () throws -> T) throws -> T {
        try accounts.withLock {
            guard !$0.contains(account) else {
                throw Problem(
                    .tooManyRequests, "export_in_progress",
                    "An export of this account is in progress. Retry after it has ended.",
                    fields: [.retryAfter: "1"])
            }
            guard $0.count < slots else {
                throw Problem.unavailable("Too many exports are in progress.")
            }
            $0.insert(account)
        }
        defer { accounts.withLock { _ = $0.remove(account) } }
        return try body()
    }
}
