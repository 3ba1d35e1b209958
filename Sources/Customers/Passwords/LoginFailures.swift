import Service
import Storage
import Values

/// How many failures a counter allows before it locks.
struct FailureBound: Sendable {
    let freeFailures: Int64

    static let network = FailureBound(freeFailures: 5)
    static let name = FailureBound(freeFailures: 100)

    /// Returns how long the lock lasts after this many failures, in seconds.
    fileprivate func lockSeconds(after failures: Int64) -> Int64 {
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

/// A row of `login_failures`, which may not exist yet.
struct FailureCounter: Sendable {
    /// A keyed digest.
    let name: String
    /// A keyed digest; empty for all networks together.
    let network: String
    let bound: FailureBound

    /// Counts one failure, and deletes up to four expired rows.
    ///
    /// Concurrent calls wait for each other here, also before the row exists.
    /// - Returns: the seconds until the end of the lock that was in force before; nil if none was.
    @discardableResult
    func count(at now: Instant, in tx: any Transaction) throws -> Int64? {
        let forgotten = now.adding(seconds: -memorySeconds)
        try tx.run(
            """
            DELETE FROM login_failures WHERE id IN (
                SELECT id FROM login_failures
                WHERE last_failed_at <= \(forgotten) ORDER BY last_failed_at LIMIT 4 \(.skipping)
            )
            """)
        // First an UPDATE, because an upsert may use up an id for each failure, and the distance of
        // ids limits the number of rows.
        let counted: SQL = """
            CASE WHEN login_failures.last_failed_at > \(forgotten)
                THEN login_failures.failures + 1 ELSE 1 END
            """
        let updated = try tx.first(
            """
            UPDATE login_failures SET failures = \(counted), last_failed_at = \(now)
            WHERE name_digest = \(name) AND network_digest = \(network)
            RETURNING id, failures, locked_until
            """)
        let row =
            try updated
            ?? tx.first(
                """
                INSERT INTO login_failures (name_digest, network_digest, failures, last_failed_at, locked_until)
                VALUES (\(name), \(network), 1, \(now), 0)
                ON CONFLICT (name_digest, network_digest) DO UPDATE SET
                    failures = \(counted), last_failed_at = excluded.last_failed_at
                RETURNING id, failures, locked_until
                """)
        guard let row else { return nil }
        let id: Int64 = try row["id"]
        try tx.run("DELETE FROM login_failures WHERE id <= \(id - rowsMax)")
        let seconds = bound.lockSeconds(after: try row["failures"])
        if seconds > 0 {
            try tx.run(
                """
                UPDATE login_failures SET locked_until = \(now.adding(seconds: seconds))
                WHERE id = \(id)
                """)
        }
        return secondsLocked(until: try row["locked_until"], at: now)
    }

    /// Whether it has counted a failure.
    func hasFailures(in tx: any Transaction) throws -> Bool {
        let row = try tx.first(
            """
            SELECT failures FROM login_failures
            WHERE name_digest = \(name) AND network_digest = \(network)
            """)
        return row != nil
    }

    /// Takes back a failure that was counted before its guess was found to be right.
    func takeBack(in tx: any Transaction) throws {
        try tx.run(
            """
            UPDATE login_failures SET failures = failures - 1, locked_until = 0
            WHERE name_digest = \(name) AND network_digest = \(network)
            """)
        try tx.run(
            """
            DELETE FROM login_failures
            WHERE name_digest = \(name) AND network_digest = \(network) AND failures <= 0
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

/// The failed logins of a name in the last day, from one network or from all unknown ones.
struct LoginFailures {
    let failures: Int64
    let lastFailedAt: Instant
    let lockedUntil: Instant
    let ofAllNetworks: Bool

    /// Returns the rows that match `condition`.
    static func all(_ condition: SQL, in tx: any Transaction) throws -> [LoginFailures] {
        try tx.all(
            """
            SELECT network_digest, failures, last_failed_at, locked_until FROM login_failures
            WHERE \(condition) ORDER BY network_digest \(.alone("login_failures"))
            """
        ) { row in
            let network: String = try row["network_digest"]
            return LoginFailures(
                failures: try row["failures"], lastFailedAt: try row["last_failed_at"],
                lockedUntil: try row["locked_until"], ofAllNetworks: network.isEmpty)
        }
    }
}

extension [LoginFailures] {
    /// The seconds until the last lock ends, rounded up; nil if none is locked.
    func secondsLocked(at now: Instant) -> Int64? {
        compactMap { Customers.secondsLocked(until: $0.lockedUntil, at: now) }.max()
    }
}

/// Returns the seconds until a lock ends, rounded up; nil if it is not in force.
private func secondsLocked(until time: Instant, at now: Instant) -> Int64? {
    isLock(time, at: now) ? (time.milliseconds - now.milliseconds + 999) / 1000 : nil
}
