import CSQLite
import Glibc
import Threads

/// Waits while another connection holds the lock that this one needs.
///
/// SQLite's own handler sleeps 1, 2, 5 … 100 ms. The connection that has waited longest retries
/// least often, so four writing processes take turns badly. This handler retries at least once a
/// millisecond, about the time of a commit. https://www.sqlite.org/c3ref/busy_handler.html
final class BusyWait {
    /// The longest wait in milliseconds if no deadline is set.
    let limitMs: Int64
    /// When the next wait ends, on the clock of `monotonicMs`; nil means `limitMs` after it began.
    var deadlineMs: Int64?
    /// The time in microseconds that all waits have taken.
    private(set) var waitedUs = 0
    private var endMs: Int64 = 0

    init(limitMs: Int64) {
        self.limitMs = limitMs
    }

    /// Installs the handler on `database`.
    ///
    /// The caller keeps this object alive as long as `database`.
    func install(on database: OpaquePointer) {
        sqlite3_busy_handler(
            database,
            { context, attempt in
                guard let context else { return 0 }
                let wait = Unmanaged<BusyWait>.fromOpaque(context).takeUnretainedValue()
                return wait.sleep(beforeAttempt: attempt) ? 1 : 0
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Sleeps before the next attempt, or returns false if the deadline has passed.
    private func sleep(beforeAttempt attempt: Int32) -> Bool {
        let startUs = monotonicUs()
        let now = Int64(startUs / 1000)
        if attempt == 0 { endMs = deadlineMs ?? now + limitMs }
        guard now < endMs else { return false }
        usleep(attempt < 8 ? 100 : attempt < 16 ? 300 : 1000)
        waitedUs += monotonicUs() - startUs
        return true
    }
}
