import Customers
import HTTP
import Outbox
import Sales
import Service
import Storage
import Values

@Sendable func updateReview(_ edit: Edit<Opinion>, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let id = try call.id()
    let before = try review(id, visibleTo: call.caller, in: tx)
    guard before.author == call.caller.id else {
        throw Problem.forbidden("Only the author can change a review.")
    }
    try call.requireMatch(before)
    let updated = try updateReview(before, edit, at: call.now, in: tx)
    if !updated.opinion.isSame(as: before.opinion) {
        try publish(.reviewUpdated, updated, by: call, in: tx)
    }
    return .ok(updated)
}

/// Stores the revised texts and rating of a review.
///
/// If they have changed, the review becomes pending again.
func updateReview(
    _ before: Review, _ edit: Edit<Opinion>, at now: Instant, in tx: any Transaction
) throws -> Review {
    let opinion = edit.applied(to: before.opinion)
    guard !opinion.isSame(as: before.opinion) else { return before }
    if before.status != .pending { try refuseBeyondQuota(of: before.author, in: tx) }
    let isVerified = try hasBought(before.product, by: before.author, in: tx)
    try tx.run(
        """
        UPDATE reviews SET \(opinion.assignments), status = 'pending', rejection = NULL,
            verified_purchase = \(isVerified), updated_at = \(now)
        WHERE id = \(before.id)
        """)
    let after = try review(before.id, in: tx)
    try updateReviewTotals(from: before, to: after, in: tx)
    return after
}
