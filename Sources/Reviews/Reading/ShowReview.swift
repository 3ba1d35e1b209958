import HTTP
import Service
import Storage

@Sendable func showReview(_ call: Call, in tx: any Transaction) throws -> Response {
    .ok(try review(call.id(), visibleTo: call.caller, in: tx))
}

/// A review, if the caller may see it: an approved one everybody, the others their authors and
/// moderators.
/// - Throws: `Problem` 404 `review_not_found`, the same whether there is none or it is hidden.
func review(_ id: Int64, visibleTo caller: Caller, in tx: any Transaction) throws -> Review {
    let review = try review(id, in: tx)
    guard
        review.status == .approved || review.author == caller.id || caller.isAtLeast(.moderator)
    else { throw reviewNotFound }
    return review
}
