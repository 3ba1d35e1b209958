import HTTP
import Storage
import Values

/// The limit on stored responses per account, so that no client can fill the disk.
///
/// One request in 16 counts the rows of its account by an index, up to the quota. An account that
/// has reached the quota is marked: its requests with a new key are rejected for an hour.
struct IdempotencyQuota: Sendable {
    private static let pauseSeconds: Int64 = 60 * 60

    private let caller: Int64
    private let answersMax: Int64

    /// Nil for callers without an account: nginx limits how often they register.
    init?(of caller: Caller) {
        guard caller.role != nil else { return nil }
        self.caller = caller.id
        answersMax = caller.isAtLeast(.staff) ? 100_000 : 10_000
    }

    /// The mark of an account.
    static func row(of caller: Int64) -> SQL {
        "SELECT refused_until FROM idempotency_quotas WHERE caller_id = \(caller)"
    }

    /// - Throws: `Problem` 429 `idempotency_quota_exceeded` with `Retry-After`.
    func requireRoom(at now: Instant, in tx: any Transaction) throws {
        let row = try tx.first(IdempotencyQuota.row(of: caller))
        // A later end means that the clock was set back, so the mark is ignored.
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
