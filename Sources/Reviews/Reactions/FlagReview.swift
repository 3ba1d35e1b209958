import HTTP
import Service
import Storage
import Values

/// The body of `POST /reviews/{id}/flag`.
struct Flag: Input {
    let reason: String

    init(_ fields: inout Fields) {
        reason = fields.required("reason", .line(1...500))
    }
}

@Sendable func flagReview(_ flag: Flag, _ call: Call, in tx: any Transaction) throws -> Response {
    let id = try call.id()
    _ = try review(id, visibleTo: call.caller, in: tx)
    try flagReview(id, flag, by: call.caller.id, at: call.now, in: tx)
    try publish(.reviewFlagged, try review(id, in: tx), by: call, in: tx)
    return .noContent
}

/// Puts a review into the moderation queue; each customer can flag it once.
///
/// - Throws: `Problem` 409 `already_flagged`, 422 `quota_exceeded`.
func flagReview(
    _ id: Int64, _ flag: Flag, by customer: Int64, at now: Instant, in tx: any Transaction
) throws {
    try refuseBeyondDailyFlags(of: customer, at: now, in: tx)
    let added = try tx.run(
        """
        INSERT INTO review_flags (review_id, customer_id, reason, created_at)
        VALUES (\(id), \(customer), \(flag.reason), \(now))
        ON CONFLICT (review_id, customer_id) DO NOTHING
        """)
    guard added == 1 else {
        throw Problem.conflict("already_flagged", "You have already flagged this review.")
    }
    try tx.run("UPDATE reviews SET flags = flags + 1 WHERE id = \(id)")
}

/// The most flags of one customer in 24 hours.
private let flagsPerDayMax: Int64 = 100

private func refuseBeyondDailyFlags(
    of customer: Int64, at now: Instant, in tx: any Transaction
) throws {
    let last = try tx.first(
        """
        SELECT review_id FROM review_flags
        WHERE customer_id = \(customer) AND created_at > \(now.adding(seconds: -86_400))
        ORDER BY created_at LIMIT 1 OFFSET \(flagsPerDayMax - 1)
        """)
    guard last != nil else { return }
    throw Problem.quotaExceeded("A customer can flag 100 reviews in 24 hours. Retry tomorrow.")
}
