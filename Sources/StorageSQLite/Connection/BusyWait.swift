import CSQLite
import Glibc
import Threads

/// How one connection waits while another holds the lock it needs.
///
/// SQLite's own handler sleeps 1, 2, 5 … 100 ms, so whoever has waited longest looks least often
/// and four processes that write take turns badly. Here every look is at most a millisecond after
/// the one before: a commit takes about as long. https://www.sqlite.org/c3ref/busy_handler.html
final class BusyWait {
    /// How long a wait may be where no deadline was set.
    let limitMs: Int64
    /// When the next wait ends, by `monotonicMs`; nil: `limitMs` after its beginning.
    var deadlineMs: Int64?
    private var endMs: Int64 = 0

    init(limitMs: Int64) {
        self.limitMs = limitMs
    }

    /// Asks SQLite to call back here; the caller keeps this alive as long as `database`.
    func install(on database: OpaquePointer) {
        sqlite3_busy_handler(
            database,
            { context, attempt in
                guard let context else { return 0 }
                let wait = Unmanaged<BusyWait>.fromOpaque(context).takeUnretainedValue()
                return wait.sleep(beforeAttempt: attempt) ? 1 : 0
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Sleeps before another look, or says that there is none.
    private func sleep(beforeAttempt attempt: Int32) -> Bool {
        let now = monotonicMs()
        if attempt == 0 { endMs = deadlineMs ?? now + limitMs }
        guard now < endMs else { return false }
        usleep(attempt < 8 ? 100 : attempt < 16 ? 300 : 1000)
        return true
    }
}
