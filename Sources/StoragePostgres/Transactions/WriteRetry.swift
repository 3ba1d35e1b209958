import Glibc
import Storage
import Synchronization
import Threads

/// The reason why a transaction runs again.
private struct RetryReason {
    /// The SQLSTATE, for the metric.
    let state: String
    /// Whether it is worth one more attempt only.
    var isOnce = false
}

/// Runs a write again after failures that another attempt can avoid.
struct WriteRetry {
    let pool: ConnectionPool
    let end: TransactionEnd
    let deadlineMs: Int64?

    private var settings: PostgresSettings { pool.settings }

    /// The key that two calls with the same idempotency key contend for.
    ///
    /// The second attempt finds the answer of the other call.
    private static let retriedKey = "idempotency_keys_caller_id_key_key"

    /// Runs `body` until it is committed, or fails for another reason, or the deadline passes.
    func run<T>(_ body: (any Transaction) throws -> T) throws -> T {
        let endMs = deadlineMs ?? monotonicMs() + settings.busyWaitMs
        var seen: Set<String> = []
        var attempt = 0
        while true {
            let transaction: PostgresTransaction
            do {
                transaction = try PostgresTransaction(
                    pool, isWrite: true, until: deadlineMs,
                    begin: [.prepared(settings.isolation.begin, by: .store)])
            } catch StoreError.unavailable where attempt > 0 && monotonicMs() < endMs {
                // The server that broke the connection is starting again.
                pause(attempt, until: endMs)
                attempt += 1
                continue
            }
            do {
                if attempt > 0 { try transaction.limitLocks(until: endMs) }
                let value = try body(transaction)
                try finish(transaction)
                return value
            } catch {
                transaction.abandon()
                guard let reason = reason(of: transaction.failure),
                    !reason.isOnce || !seen.contains(reason.state)
                else { throw error }
                guard monotonicMs() < endMs else {
                    if case StoreError.unavailable = error { throw error }
                    throw StoreError.busy
                }
                seen.insert(reason.state)
                settings.counts.retries.withLock { $0[reason.state, default: 0] += 1 }
            }
            pause(attempt, until: endMs)
            attempt += 1
        }
    }

    private func finish(_ transaction: PostgresTransaction) throws {
        switch end {
        case .commit:
            if try transaction.commit() { settings.counts.commits.add(1, ordering: .relaxed) }
        case .rollback: try transaction.rollBack()
        }
    }

    /// Sleeps for a random time, which doubles with each attempt up to 50 ms.
    private func pause(_ attempt: Int, until endMs: Int64) {
        let longestUs = min(50_000, 500 << min(attempt, 7))
        let leftUs = max(0, endMs - monotonicMs()) * 1000
        usleep(UInt32(min(Int64.random(in: 0...Int64(longestUs)), leftUs)))
    }

    private func reason(of failure: (any Error)?) -> RetryReason? {
        switch failure {
        case is ConnectionLost: RetryReason(state: "connection")
        case let failure as ServerFailure:
            switch failure.state {
            case "40001", "40P01": RetryReason(state: failure.state)
            case _ where failure.isOfEndingTransaction: RetryReason(state: failure.state)
            case "23505" where failure.constraint == WriteRetry.retriedKey:
                RetryReason(state: failure.state)
            // The row that it refers to was there a moment ago. The next attempt does not find it,
            // and says so.
            case "23503": RetryReason(state: failure.state, isOnce: true)
            case _ where failure.isOfStaleStatement: RetryReason(state: failure.state, isOnce: true)
            default: nil
            }
        default: nil
        }
    }
}
