import HTTP
import Service
import Storage

/// As many failures as cost nothing.
private let freeFailures: Int64 = 5
/// The longest a name is locked: its owner is never locked out for ever.
private let lockSecondsMax: Int64 = 15 * 60
/// Failures older than a day are forgotten.
private let memorySeconds: Int64 = 24 * 60 * 60

/// Whether `guess` is the password behind `hash`; without a hash it takes the same time and is false.
///
/// Failures are looked up when the queue starts this guess, and each failure is committed before the
/// next guess at the same name starts. Concurrent guesses are therefore worth no more than
/// sequential ones. A name without failures costs no write; a success clears the others.
/// - Throws: `Problem` 429 `login_locked`, 503 `unavailable` if the hash queue is full.
func isRight(
    _ guess: String, for hash: String?, of username: String, _ lane: HashQueue.Lane, _ call: Call
) throws -> Bool {
    try queued(lane, key: digest(of: username, call)) {
        guard call.shop.throttlesLogins else { return try matches(guess, hash: hash) }
        let isCounted = try claimTurn(username, call)
        let isRight = try matches(guess, hash: hash)
        if isRight, isCounted {
            try call.commit { try forgetFailures(of: username, call, in: $0) }
        } else if !isRight, !isCounted {
            try call.commit { try countFailure(of: username, call, in: $0) }
        }
        return isRight
    }
}

/// Counts a guess as a failure before it is compared, where its name has failed before: the next
/// one finds the name locked, whatever becomes of this one.
/// - Returns: whether it was counted.
private func claimTurn(_ username: String, _ call: Call) throws -> Bool {
    guard try call.read({ try hasFailed(username, call, in: $0) }) else { return false }
    try call.commit { tx in
        try refuseWhileLocked(username, call, in: tx)
        try countFailure(of: username, call, in: tx)
    }
    return true
}

private func hasFailed(_ username: String, _ call: Call, in tx: any Transaction) throws -> Bool {
    let row = try tx.first(
        "SELECT failures FROM login_failures WHERE name_digest = \(digest(of: username, call))")
    return row != nil
}

/// - Throws: `Problem` 429 `login_locked` with `Retry-After`.
func refuseWhileLocked(_ username: String, _ call: Call, in tx: any Transaction) throws {
    guard call.shop.throttlesLogins else { return }
    let row = try tx.first(
        """
        SELECT locked_until FROM login_failures WHERE name_digest = \(digest(of: username, call))
        """)
    guard let until: Instant = try row?["locked_until"], isLocked(until, call) else { return }
    let seconds = (until.milliseconds - call.now.milliseconds + 999) / 1000
    throw Problem(
        .tooManyRequests, "login_locked", "Too many failed logins for this name: try again later.",
        fields: [.retryAfter: String(seconds)])
}

/// Whether a lock until then still holds.
///
/// No lock is longer than 15 minutes. One that ends later than that was made before the clock was
/// set back, and would hold for as long as it was set back.
private func isLocked(_ until: Instant, _ call: Call) -> Bool {
    until > call.now && until <= call.now.adding(seconds: lockSecondsMax)
}

/// Counts one more failure for a name, whether anybody has it or not.
///
/// From the fifth on each doubles the wait: 1 s, 2 s, 4 s …
private func countFailure(of username: String, _ call: Call, in tx: any Transaction) throws {
    let digest = digest(of: username, call)
    let forgotten = call.now.adding(seconds: -memorySeconds)
    try tx.run(
        """
        DELETE FROM login_failures WHERE name_digest IN (
            SELECT name_digest FROM login_failures
            WHERE last_failed_at <= \(forgotten) ORDER BY last_failed_at LIMIT 2
        )
        """)
    let row = try tx.first(
        """
        INSERT INTO login_failures (name_digest, failures, last_failed_at, locked_until)
        VALUES (\(digest), 1, \(call.now), 0)
        ON CONFLICT (name_digest) DO UPDATE SET
            failures = CASE WHEN login_failures.last_failed_at > \(forgotten)
                THEN login_failures.failures + 1 ELSE 1 END,
            last_failed_at = excluded.last_failed_at
        RETURNING failures
        """)
    guard let failures: Int64 = try row?["failures"], failures >= freeFailures else { return }
    let seconds = min(lockSecondsMax, 1 << min(failures - freeFailures, 30))
    try tx.run(
        """
        UPDATE login_failures SET locked_until = \(call.now.adding(seconds: seconds))
        WHERE name_digest = \(digest)
        """)
}

/// Clears a name.
func forgetFailures(of username: String, _ call: Call, in tx: any Transaction) throws {
    for digest in digests(of: username, call) {
        try tx.run("DELETE FROM login_failures WHERE name_digest = \(digest)")
    }
}

/// How often a name has failed of late, as an export shows it.
struct LoginFailures: JSONWritable {
    let failures: Int64
    let lastFailedAt: Instant
    let lockedUntil: Instant?

    /// One or none, unless the shop's key has been changed since.
    static func all(
        of username: String, _ call: Call, in tx: any Transaction
    ) throws -> [LoginFailures] {
        try digests(of: username, call).flatMap { digest in
            try tx.all(
                """
                SELECT failures, last_failed_at, locked_until FROM login_failures
                WHERE name_digest = \(digest)
                """
            ) { row in
                let until: Instant = try row["locked_until"]
                return LoginFailures(
                    failures: try row["failures"], lastFailedAt: try row["last_failed_at"],
                    lockedUntil: isLocked(until, call) ? until : nil)
            }
        }
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("failures", failures)
            $0.field("last_failed_at", lastFailedAt)
            $0.field("locked_until", lockedUntil)
        }
    }
}

/// What stands for a name that somebody typed: people type passwords where the name belongs, so
/// nothing is kept that could be read or, without the shop's key, tried out.
func digest(of username: String, _ call: Call) -> String {
    digests(of: username, call)[0]
}

/// By each of the shop's keys, the present one first: it is the one that counts, so a new key
/// begins to count anew.
private func digests(of username: String, _ call: Call) -> [String] {
    call.shop.keys(for: "login name", at: call.now).map {
        base64(blake2b(Array(username.utf8), key: $0))
    }
}
