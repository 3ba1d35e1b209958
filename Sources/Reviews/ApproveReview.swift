import Customers
import HTTP
import Outbox
import Service
import Storage
import Values

@Sendable func approveReview(_ call: Call, in tx: any Transaction) throws -> Response {
    try decideReview(as: .approved, .approvedReview, .reviewApproved, call, in: tx)
}

/// Approves or rejects the review in the path.
func decideReview(
    as status: ReviewStatus, because rejection: String? = nil, _ action: AuditAction,
    _ type: EventType, _ call: Call, in tx: any Transaction
) throws -> Response {
    let id = try call.id()
    let before = try review(id, in: tx)
    try refuseOwnReview(before, call)
    try call.requireMatch(before)
    let decided = try setStatus(id, as: status, because: rejection, at: call.now, in: tx)
    try audit(
        action, of: decided.author, on: "/reviews/\(id)", before: before.status.rawValue,
        after: status.rawValue, by: call, in: tx)
    try publish(type, decided, by: call, in: tx)
    return .ok(decided)
}

/// Sets the status of a review and removes its flags.
///
/// Setting the same status again changes only the reason.
///
/// - Throws: `Problem` 404 `review_not_found`.
func setStatus(
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
    try updateReviewTotals(from: before, to: after, in: tx)
    return after
}
