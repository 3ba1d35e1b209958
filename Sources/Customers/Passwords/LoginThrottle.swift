import HTTP
import Service
import Storage
import Values

/// How many failures a counter allows before it locks.
private struct Bound {
    let freeFailures: Int64

    static let network = Bound(freeFailures: 5)
    static let name = Bound(freeFailures: 100)

    /// Returns how long the lock lasts after this many failures, in seconds.
    func lockSeconds(after failures: Int64) -> Int64 {
        guard failures >= freeFailures else { return 0 }
        return min(lockSecondsMax, 1 << min(failures - freeFailures, 30))
    }
}

/// The longest lock in seconds, so that an owner is never locked out for good.
private let lockSecondsMax: Int64 = 15 * 60
/// How long failures are counted: a day.
private let memorySeconds: Int64 = 24 * 60 * 60
/// The most rows of `login_failures`, about 200 MB.
///
/// Beyond it the oldest are deleted.
private let rowsMax: Int64 = 1_000_000

/// A login or a password change that compares a password; it slows down guesses.
///
/// It counts failures for each pair of name and network, so that a stranger's guesses do not lock
/// out the owner. A second counter, with a far higher bound, counts the failures at a name from all
/// networks together. Networks from which the account has logged in before are exempt from it. It
/// limits a botnet, and never delays a known network.
///
/// The most wrong guesses at one name in the first 24 hours, and in each 24 hours after that:
/// - from one network: 5, then one after 1, 2, 4 … 512 s (10), then one in 15 minutes (94), in
///   total 109; then 96;
/// - from all unknown networks together: 100, then the same waits, in total 204; then 96. NIST SP
///   800-63B allows 100 consecutive failures.
struct PasswordAttempt: Sendable {
    let username: String
    /// The account's id; 0 if nobody has the name, so that both cases run the same statements.
    let customer: Int64
    let call: Call

    /// Keyed with the shop's present key.
    private let name: String
    private let network: String

    init(_ username: String, customer: Int64?, _ call: Call) {
        self.username = username
        self.customer = customer ?? 0
        self.call = call
        name = LoginDigest.name(username, call)
        network = LoginDigest.network(of: username, call)
    }

    /// Whether `guess` is the password of `hash`; it takes the same time if `hash` is nil.
    ///
    /// It reads the failures when the queue starts this guess. It commits each failure before the
    /// next guess at the same name starts. Concurrent guesses therefore gain nothing over
    /// sequential ones. A name without failures costs no write.
    ///
    /// - Throws: `Problem` 429 `login_locked`, 503 `unavailable` if the hash queue is full.
    func isRight(_ guess: String, for hash: String?, _ lane: HashQueue.Lane) throws -> Bool {
        try queued(lane, key: name) {
            guard call.shop.throttlesLogins else { return try matches(guess, hash: hash) }
            let isCounted = try claim()
            let isRight = try matches(guess, hash: hash)
            if isRight {
                if isCounted { try call.commit { try forgetFailures(in: $0) } }
            } else {
                try call.commit { tx in
                    if !isCounted { try count(network, .network, in: tx) }
                    guard try !isFromKnownNetwork(in: tx) else { return }
                    try count("", .name, in: tx)
                }
            }
            return isRight
        }
    }

    /// If the name has failed before, counts this guess as a failure before it is compared.
    ///
    /// The next guess then finds the lock, whatever the result of this one.
    ///
    /// - Returns: whether the guess was counted.
    private func claim() throws -> Bool {
        guard try call.read({ try !failures(in: $0).isEmpty }) else { return false }
        try call.commit { tx in
            try refuseWhileLocked(in: tx)
            try count(network, .network, in: tx)
        }
        return true
    }

    /// Rejects the request while the name is locked.
    ///
    /// - Throws: `Problem` 429 `login_locked` with `Retry-After`.
    func refuseWhileLocked(in tx: any Transaction) throws {
        guard call.shop.throttlesLogins else { return }
        let isKnown = try isFromKnownNetwork(in: tx)
        let locks = try failures(in: tx).filter {
            isLock($0.lockedUntil, at: call.now) && !($0.ofAllNetworks && isKnown)
        }
        guard let until = locks.map(\.lockedUntil).max() else { return }
        let seconds = (until.milliseconds - call.now.milliseconds + 999) / 1000
        throw Problem(
            .tooManyRequests, "login_locked",
            "Too many failed logins. Retry after \(seconds) \(seconds == 1 ? "second" : "seconds").",
            fields: [.retryAfter: String(seconds)])
    }

    private func failures(in tx: any Transaction) throws -> [LoginFailures] {
        try LoginFailures.all(
            "name_digest = \(name) AND network_digest IN ('', \(network))", in: tx)
    }

    /// Deletes the failures of this network at this name, not those of other networks.
    private func forgetFailures(in tx: any Transaction) throws {
        try tx.run(
            """
            DELETE FROM login_failures WHERE name_digest = \(name) AND network_digest = \(network)
            """)
    }

    /// Counts one failure, and deletes up to four expired rows.
    private func count(_ network: String, _ bound: Bound, in tx: any Transaction) throws {
        let forgotten = call.now.adding(seconds: -memorySeconds)
        try tx.run(
            """
            DELETE FROM login_failures WHERE id IN (
                SELECT id FROM login_failures
                WHERE last_failed_at <= \(forgotten) ORDER BY last_failed_at LIMIT 4
            )
            """)
        let row = try tx.first(
            """
            INSERT INTO login_failures (name_digest, network_digest, failures, last_failed_at, locked_until)
            VALUES (\(name), \(network), 1, \(call.now), 0)
            ON CONFLICT (name_digest, network_digest) DO UPDATE SET
                failures = CASE WHEN login_failures.last_failed_at > \(forgotten)
                    THEN login_failures.failures + 1 ELSE 1 END,
                last_failed_at = excluded.last_failed_at
            RETURNING id, failures
            """)
        guard let id: Int64 = try row?["id"], let failures: Int64 = try row?["failures"] else {
            return
        }
        try tx.run("DELETE FROM login_failures WHERE id <= \(id - rowsMax)")
        let seconds = bound.lockSeconds(after: failures)
        guard seconds > 0 else { return }
        try tx.run(
            """
            UPDATE login_failures SET locked_until = \(call.now.adding(seconds: seconds))
            WHERE id = \(id)
            """)
    }
}

/// Whether a lock until `time` is still valid.
///
/// No lock is longer than 15 minutes. One that ends later was created before the clock was set
/// back, and is ignored.
func isLock(_ time: Instant, at now: Instant) -> Bool {
    time > now && time <= now.adding(seconds: lockSecondsMax)
}
