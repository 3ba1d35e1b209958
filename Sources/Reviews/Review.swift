import HTTP
import Inventory
import Outbox
import Service
import Storage
import Values

/// Whether a review is public.
enum ReviewStatus: String, Sendable, CaseIterable, Storable, JSONWritable {
    case pending
    case approved
    case rejected
}

/// A customer's review of a product.
struct Review: Sendable {
    let id: Int64
    let product: Int64
    let author: Int64
    let username: String
    let opinion: Opinion
    let status: ReviewStatus
    let rejection: String?
    let isVerifiedPurchase: Bool
    let helpful: Int64
    let flags: Int64
    let reply: String?
    let repliedAt: Instant?
    let createdAt: Instant
    let updatedAt: Instant
}

/// The fields that the author writes.
struct Opinion: Editable {
    var rating: Int64 = 0
    var title: String?
    var comment: String?

    static let fields: [EditableField<Opinion>] = [
        .required("rating", \.rating, .integer(1...5)),
        .optional("title", \.title, .line(1...120)),
        .optional("comment", \.comment, .text(1...5000)),
    ]
}

/// Records what happened to a review.
func publish(_ type: EventType, _ review: Review, by call: Call, in tx: any Transaction) throws {
    try publish(type, on: review.path, review, of: review.author, by: call, in: tx)
}

extension Review {
    /// The path of the review.
    var path: String { "/reviews/\(id)" }
}

extension Review: JSONWritable {
    /// Writes the review as everybody may see it.
    func write(to json: inout JSONWriter) {
        json.object { writeMembers(to: &$0) }
    }

    fileprivate func writeMembers(to json: inout JSONWriter) {
        json.field("id", id)
        json.field("product_id", product)
        json.field("username", username)
        json.field("rating", opinion.rating)
        json.field("title", opinion.title)
        json.field("comment", opinion.comment)
        json.field("status", status)
        json.field("rejection", rejection)
        json.field("verified_purchase", isVerifiedPurchase)
        json.field("helpful", helpful)
        json.field("reply", reply)
        json.field("replied_at", repliedAt)
        json.field("created_at", createdAt)
        json.field("updated_at", updatedAt)
    }
}

/// A review in the moderation queue, with the number of its flags.
struct QueuedReview: JSONWritable {
    let review: Review

    func write(to json: inout JSONWriter) {
        json.object {
            review.writeMembers(to: &$0)
            $0.field("flags", review.flags)
        }
    }
}

extension Review: Record {
    static let columns: SQL = """
        review.id, review.product_id, review.customer_id, review.rating, review.title,
        review.comment, review.status, review.rejection, review.verified_purchase, review.helpful,
        review.flags, review.reply, review.replied_at, review.created_at, review.updated_at,
        customers.username
        """
    static let source: SQL = """
        reviews AS review JOIN customers ON customers.id = review.customer_id
        """

    init(_ row: Row, _ context: Void) throws {
        self.init(
            id: try row["id"], product: try row["product_id"], author: try row["customer_id"],
            username: try row["username"],
            opinion: Opinion(
                rating: try row["rating"], title: try row["title"], comment: try row["comment"]),
            status: try row["status"], rejection: try row["rejection"],
            isVerifiedPurchase: try row["verified_purchase"], helpful: try row["helpful"],
            flags: try row["flags"], reply: try row["reply"], repliedAt: try row["replied_at"],
            createdAt: try row["created_at"], updatedAt: try row["updated_at"])
    }
}

/// Returns a review of any status.
///
/// - Throws: `Problem` 404 `review_not_found`.
func review(_ id: Int64, in tx: any Transaction) throws -> Review {
    // The author too: an erasure deletes texts that others write about a review.
    let review = try tx.first(
        Review.self, "WHERE review.id = \(id) \(.alone("review")) \(.held("customers"))")
    guard let review else { throw reviewNotFound }
    return review
}

let reviewNotFound = Problem.notFound("review_not_found", "There is no such review.")

/// Rejects a decision on the caller's own review.
///
/// - Throws: `Problem` 403 `own_review` if the caller wrote the review.
func refuseOwnReview(_ review: Review, _ call: Call) throws {
    guard review.author == call.caller.id else { return }
    throw Problem.forbidden(
        "You wrote this review. Ask another member of staff.", code: "own_review")
}

/// Updates the rating totals of a product in the transaction that changes one of its reviews.
///
/// `before` is nil for a new review, and `after` is nil for a deleted one.
func updateReviewTotals(from before: Review?, to after: Review?, in tx: any Transaction) throws {
    if let before, before.status == .approved {
        try updateRatingTotals(
            stars: -before.opinion.rating, reviews: -1, of: before.product, in: tx)
        try tx.run(
            """
            UPDATE review_histogram SET reviews = reviews - 1
            WHERE product_id = \(before.product) AND rating = \(before.opinion.rating)
            """)
    }
    if let after, after.status == .approved {
        try updateRatingTotals(stars: after.opinion.rating, reviews: 1, of: after.product, in: tx)
        try tx.run(
            """
            INSERT INTO review_histogram (product_id, rating, reviews)
            VALUES (\(after.product), \(after.opinion.rating), 1)
            ON CONFLICT (product_id, rating) DO UPDATE SET reviews = review_histogram.reviews + 1
            """)
    }
}
