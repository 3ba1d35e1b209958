import HTTP
import Inventory
import Outbox
import Sales
import Service
import Storage
import Values

/// The body of `POST /reviews`.
struct NewReview: Input {
    let product: Int64
    let opinion: Opinion

    init(_ fields: inout Fields) {
        product = fields.required("product_id", .id)
        opinion = Opinion(
            rating: fields.required("rating", .integer(1...5)),
            title: fields.optional("title", .line(1...120)),
            comment: fields.optional("comment", .text(1...5000)))
    }
}

@Sendable func createReview(_ new: NewReview, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let id = try createReview(new, by: call.caller, at: call.now, in: tx)
    let created = try review(id, in: tx)
    try publish(.reviewCreated, created, by: call, in: tx)
    return .created(created, at: created.path)
}

/// The most pending reviews of one customer.
private let pendingReviewsMax: Int64 = 100

/// Rejects a review if its author has too many pending ones.
///
/// - Throws: `Problem` 422 `quota_exceeded` if the customer has 100 pending reviews.
func refuseBeyondQuota(of customer: Int64, in tx: any Transaction) throws {
    let last = try tx.first(
        """
        SELECT id FROM reviews WHERE customer_id = \(customer) AND status = 'pending'
        ORDER BY created_at, id LIMIT 1 OFFSET \(pendingReviewsMax - 1)
        """)
    guard last != nil else { return }
    throw Problem.quotaExceeded(
        "You have 100 pending reviews. Wait until a moderator has approved one, or delete one.")
}

/// Adds a review, which is public once a moderator has approved it.
///
/// Each customer can write one review of a product.
///
/// - Throws: `Problem` 404 `product_not_found`, 409 `already_reviewed`, 422 `quota_exceeded`.
func createReview(_ new: NewReview, by author: Caller, at now: Instant, in tx: any Transaction)
    throws -> Int64
{
    guard try isOnSale(new.product, in: tx) else {
        throw Problem.notFound("product_not_found", "There is no such product on sale.")
    }
    try refuseBeyondQuota(of: author.id, in: tx)
    let isVerified = try hasBought(new.product, by: author.id, in: tx)
    let row = try tx.first(
        """
        INSERT INTO reviews (product_id, customer_id, rating, title, comment, status, verified_purchase,
            created_at, updated_at)
        VALUES (\(new.product), \(author.id), \(new.opinion.rating), \(new.opinion.title.stored),
            \(new.opinion.comment.stored), 'pending', \(isVerified),
            \(now), \(now))
        ON CONFLICT (customer_id, product_id) DO NOTHING
        RETURNING id
        """)
    guard let id: Int64 = try row?["id"] else {
        throw Problem.conflict(
            "already_reviewed", "You have already reviewed this product. Change that review.")
    }
    return id
}
