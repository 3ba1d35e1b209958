import Customers
import HTTP
import Service
import Storage
import Values

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
    let before = try review(id, in: tx)
    try refuseOwnReview(before, call)
    try call.requireMatch(before)
    let judged = try judgeReview(id, as: status, because: rejection, at: call.now, in: tx)
    try audit(
        action, of: judged.author, on: "/reviews/\(id)", before: before.status.rawValue,
        after: status.rawValue, by: call, in: tx)
    return .ok(judged)
}

/// - Throws: `Problem` 403 `own_review` if the caller wrote the review.
func refuseOwnReview(_ review: Review, _ call: Call) throws {
    guard review.author == call.caller.id else { return }
    throw Problem.forbidden(
        "You wrote this review. Ask another member of staff.", code: "own_review")
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
