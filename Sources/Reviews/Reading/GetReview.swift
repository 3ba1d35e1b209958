import HTTP
import Service
import Storage

@Sendable func getReview(_ call: Call, in tx: any Transaction) throws -> Response {
    .ok(try review(call.id(), visibleTo: call.caller, in: tx))
}

/// Returns a review that the caller may see.
///
/// Everybody sees approved reviews. Only authors and moderators see the others.
///
/// - Throws: `Problem` 404 `review_not_found`, the same for a missing and for a hidden review.
func review(_ id: Int64, visibleTo caller: Caller, in tx: any Transaction) throws -> Review {
    let review = try review(id, in: tx)
    guard
        review.status == .approved || review.author == caller.id || caller.isAtLeast(.moderator)
    else { throw reviewNotFound }
    return review
}
