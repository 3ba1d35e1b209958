import Customers
import HTTP
import Outbox
import Service
import Storage

@Sendable func deleteReview(_ call: Call, in tx: any Transaction) throws -> Response {
    let id = try call.id()
    let review = try review(id, visibleTo: call.caller, in: tx)
    guard review.author == call.caller.id || call.caller.isAtLeast(.moderator) else {
        throw Problem.forbidden("Only the author and moderators can delete a review.")
    }
    try call.requireMatch(review)
    try deleteReview(review, in: tx)
    try publish(.reviewDeleted, review, by: call, in: tx)
    try audit(
        .deletedReview, of: review.author, on: "/reviews/\(id)", before: review.status.rawValue,
        ownersToo: true, by: call, in: tx)
    return .noContent
}

/// Deletes a review with its votes and flags; its author may then write another one.
func deleteReview(_ review: Review, in tx: any Transaction) throws {
    try tx.run("DELETE FROM review_flags WHERE review_id = \(review.id)")
    try tx.run("DELETE FROM review_votes WHERE review_id = \(review.id)")
    try tx.run("DELETE FROM reviews WHERE id = \(review.id)")
    try updateReviewTotals(from: review, to: nil, in: tx)
}
