import Customers
import HTTP
import Sales
import Service
import Storage
import Values

/// The body of `PATCH /reviews/{id}`: what is left out stays.
struct Revision: Input {
    let rating: Int64?
    let title: Change<String>
    let comment: Change<String>

    init(_ fields: inout Fields) {
        rating = fields.changed("rating", .integer(1...5))
        title = fields.change("title", .line(1...120))
        comment = fields.change("comment", .text(1...5000))
    }

    func applied(to opinion: Opinion) -> Opinion {
        Opinion(
            rating: rating ?? opinion.rating, title: title.applied(to: opinion.title),
            comment: comment.applied(to: opinion.comment))
    }
}

@Sendable func reviseReview(_ revision: Revision, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let id = try call.id()
    let before = try review(id, visibleTo: call.caller, in: tx)
    guard before.author == call.caller.id else {
        throw Problem.forbidden("Only the author can change a review.")
    }
    try call.requireMatch(before)
    return .ok(try reviseReview(before, revision, at: call.now, in: tx))
}

/// Writes the opinion as the revision leaves it; it waits for a moderator again, unless nothing has
/// changed.
func reviseReview(
    _ before: Review, _ revision: Revision, at now: Instant, in tx: any Transaction
) throws -> Review {
    let opinion = revision.applied(to: before.opinion)
    guard opinion != before.opinion else { return before }
    if before.status != .pending { try refuseBeyondQuota(of: before.author, in: tx) }
    let isVerified = try hasBought(before.product, by: before.author, in: tx)
    try tx.run(
        """
        UPDATE reviews SET rating = \(opinion.rating), title = \(opinion.title.stored),
            comment = \(opinion.comment.stored), status = 'pending', rejection = NULL,
            verified_purchase = \(isVerified), updated_at = \(now)
        WHERE id = \(before.id)
        """)
    let after = try review(before.id, in: tx)
    try countReview(from: before, to: after, in: tx)
    return after
}

@Sendable func deleteReview(_ call: Call, in tx: any Transaction) throws -> Response {
    let id = try call.id()
    let review = try review(id, visibleTo: call.caller, in: tx)
    guard review.author == call.caller.id || call.caller.isAtLeast(.moderator) else {
        throw Problem.forbidden("Only the author and moderators can delete a review.")
    }
    try call.requireMatch(review)
    try deleteReview(review, in: tx)
    try audit(
        .deletedReview, of: review.author, on: "/reviews/\(id)", before: review.status.rawValue,
        ownersToo: true, by: call, in: tx)
    return .noContent
}

/// Takes a review away with its votes and flags; its author may write another.
func deleteReview(_ review: Review, in tx: any Transaction) throws {
    try tx.run("DELETE FROM review_flags WHERE review_id = \(review.id)")
    try tx.run("DELETE FROM review_votes WHERE review_id = \(review.id)")
    try tx.run("DELETE FROM reviews WHERE id = \(review.id)")
    try countReview(from: review, to: nil, in: tx)
}
