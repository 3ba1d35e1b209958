import HTTP
import Service
import Storage

/// As many failures as cost nothing.
private let freeFailures: Int64 = 5
/// The longest a name is locked: its owner is never locked out for ever.
private let lockSecondsMax: Int64 = 15 * 60
/// Failures older than a day are forgotten.
private let memorySeconds: Int64 = 24 * 60 * 60

/// - Throws: `Problem` 429 `login_locked` with `Retry-After`.
func refuseWhileLocked(_ username: String, _ call: Call, in tx: any Transaction) throws {
    guard call.shop.throttlesLogins else { return }
    let row = try tx.first(
        """
        SELECT locked_until FROM login_failures
        WHERE username = \(username) AND locked_until > \(call.now)
        """)
    guard let row else { return }
    let until: Instant = try row["locked_until"]
    let seconds = (until.milliseconds - call.now.milliseconds + 999) / 1000
    throw Problem(
        .tooManyRequests, "login_locked", "Too many failed logins for this name: try again later.",
        fields: [.retryAfter: String(seconds)])
}

/// Counts one more failure for a name, whether anybody has it or not.
///
/// From the fifth on each doubles the wait: 1 s, 2 s, 4 s …
func countFailure(_ username: String, at now: Instant, in tx: any Transaction) throws {
    let forgotten = now.adding(seconds: -memorySeconds)
    try tx.run(
        """
        DELETE FROM login_failures WHERE username IN (
            SELECT username FROM login_failures
            WHERE last_failed_at <= \(forgotten) ORDER BY last_failed_at LIMIT 2
        )
        """)
    let row = try tx.first(
        """
        INSERT INTO login_failures (username, failures, last_failed_at, locked_until)
        VALUES (\(username), 1, \(now), 0)
        ON CONFLICT (username) DO UPDATE SET
            failures = CASE WHEN login_failures.last_failed_at > \(forgotten)
                THEN login_failures.failures + 1 ELSE 1 END,
            last_failed_at = excluded.last_failed_at
        RETURNING failures
        """)
    guard let failures: Int64 = try row?["failures"], failures >= freeFailures else { return }
    let seconds = min(lockSecondsMax, 1 << min(failures - freeFailures, 30))
    try tx.run(
        """
        UPDATE login_failures SET locked_until = \(now.adding(seconds: seconds)) WHERE username = \(username)
        """)
}

/// A login that succeeds clears the name.
func forgetFailures(_ username: String, in tx: any Transaction) throws {
    try tx.run("DELETE FROM login_failures WHERE username = \(username)")
}
