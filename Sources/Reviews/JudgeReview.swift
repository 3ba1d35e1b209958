import Customers
import HTTP
import Service
import Storage

/// The body of `POST /reviews/{id}/reject`.
struct Rejection: Input {
    let reason: String

    init(_ fields: inout Fields) {
        reason = fields.required("reason", .line(1...500))
    }
}

@Sendable func approveReview(_ call: Call, in tx: any Transaction) throws -> Response {
    try judge(as: .approved, .approvedReview, call, in: tx)
}

@Sendable func rejectReview(_ rejection: Rejection, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    try judge(as: .rejected, because: rejection.reason, .rejectedReview, call, in: tx)
}

private func judge(
    as status: ReviewStatus, because rejection: String? = nil, _ action: AuditAction,
    _ call: Call, in tx: any Transaction
) throws -> Response {
    let id = try call.id()
    try call.requireMatch(try review(id, in: tx))
    let judged = try judgeReview(id, as: status, because: rejection, at: call.now, in: tx)
    try audit(action, of: judged.author, after: "\(id)", by: call, in: tx)
    return .ok(judged)
}

/// Gives a review another status; what was flagged in it is settled with that.
///
/// The same status again changes only the reason.
/// - Throws: `Problem` 404 `review_not_found`.
func judgeReview(
    _ id: Int64, as status: ReviewStatus, because rejection: String? = nil, at now: Instant,
    in tx: any Transaction
) throws -> Review {
    let before = try review(id, in: tx)
    try tx.run(
        """
        UPDATE reviews SET status = \(status), rejection = \(rejection.stored), flags = 0,
            updated_at = \(now)
        WHERE id = \(id)
        """)
    try tx.run("DELETE FROM review_flags WHERE review_id = \(id)")
    let after = try review(id, in: tx)
    try countReview(from: before, to: after, in: tx)
    return after
}
