import HTTP
import Storage
import Values

/// How many answers one account may have stored under idempotency keys, so that nobody fills the
/// disk with them.
///
/// The rows are counted with one request in sixteen, by an index, up to the quota. An account that
/// has reached it is marked, and its requests with a new key are refused for an hour.
struct IdempotencyQuota: Sendable {
    private static let pauseSeconds: Int64 = 60 * 60

    private let caller: Int64
    private let answersMax: Int64

    /// Nil for callers without an account: nginx bounds how often they register.
    init?(of caller: Caller) {
        guard caller.role != nil else { return nil }
        self.caller = caller.id
        answersMax = caller.isAtLeast(.staff) ? 100_000 : 10_000
    }

    /// - Throws: `Problem` 429 `idempotency_quota_exceeded` with `Retry-After`.
    func requireRoom(at now: Instant, in tx: any Transaction) throws {
        let row = try tx.first(
            "SELECT refused_until FROM idempotency_quotas WHERE caller_id = \(caller)")
        // A mark beyond the pause was made before the clock was set back.
        guard let until: Instant = try row?["refused_until"], until > now,
            until <= now.adding(seconds: IdempotencyQuota.pauseSeconds)
        else { return }
        throw Problem(
            .tooManyRequests, "idempotency_quota_exceeded",
            "This account has used \(answersMax) idempotency keys within 24 hours, which is the quota. Retry later.",
            fields: [.retryAfter: "\((until.milliseconds - now.milliseconds + 999) / 1000)"])
    }

    /// Marks the account if it has reached the quota.
    func count(at now: Instant, in tx: any Transaction) throws {
        let row = try tx.first(
            """
            SELECT COUNT(*) AS answers FROM (
                SELECT key FROM idempotency_keys WHERE caller_id = \(caller) LIMIT \(answersMax)
            ) AS stored
            """)
        guard let answers: Int64 = try row?["answers"], answers >= answersMax else { return }
        let until = now.adding(seconds: IdempotencyQuota.pauseSeconds)
        try tx.run(
            """
            INSERT INTO idempotency_quotas (caller_id, refused_until) VALUES (\(caller), \(until))
            ON CONFLICT (caller_id) DO UPDATE SET refused_until = excluded.refused_until
            """)
    }
}
