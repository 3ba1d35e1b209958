import Storage
import Synchronization
import Threads

/// Makes a background process write little while other sessions keep the server busy.
///
/// Writers on a server run at the same time, so a lock does not say that others want to write. The
/// number of sessions that are running a statement does.
final class GiveWay: Sendable {
    /// The name of the sessions of background processes.
    static let applicationName = "souk background"

    /// The number of other active sessions from which on the server is busy.
    private static let sessionsMin: Int64 = 4
    /// How long the answer of the server counts, in milliseconds.
    private static let answerMs: Int64 = 100
    /// How many times as long as its write a background process pauses.
    private static let pauses: Int64 = 20
    /// The longest pause in milliseconds, because callers with a deadline wait for it.
    private static let pauseMaxMs: Int64 = 300

    private let answer = Mutex((asked: Int64.min, isBusy: false))
    private let turn = Mutex(())
    private let closing = Semaphore(0)

    /// Runs `write`: at once, or if the server is busy, alone and with a pause after it.
    func run<T>(on store: PostgresStore, _ write: () throws -> T) throws -> T {
        guard isBusy(store) else { return try write() }
        return try turn.withLock { _ in
            let start = monotonicMs()
            defer {
                let pauseMs = min(Self.pauseMaxMs, (monotonicMs() - start) * Self.pauses)
                // Closing the store ends the pause.
                if closing.wait(timeoutMs: pauseMs) { closing.signal() }
            }
            return try write()
        }
    }

    /// Ends the present pause and those to come.
    func close() { closing.signal() }

    private func isBusy(_ store: PostgresStore) -> Bool {
        let now = monotonicMs()
        let known = answer.withLock { answer in
            guard answer.asked < now - Self.answerMs else { return answer.isBusy as Bool? }
            answer.asked = now
            return nil
        }
        if let known { return known }
        // A server that does not answer will say so to the write.
        let others = try? store.read { tx in
            try tx.first(
                """
                SELECT COUNT(*) AS sessions FROM pg_stat_activity
                WHERE datname = current_database() AND state = 'active'
                    AND application_name <> \(Self.applicationName)
                """)?["sessions"] as Int64?
        }
        let isBusy = (others ?? 0) >= Self.sessionsMin
        answer.withLock { $0.isBusy = isBusy }
        return isBusy
    }
}
