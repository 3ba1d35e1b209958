import HTTP
import Service
import Storage

/// Whether a review is shown to everybody.
enum ReviewStatus: String, Sendable, CaseIterable, Storable, JSONWritable {
    case pending
    case approved
    case rejected
}

/// What somebody thinks of a product.
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
    let reply: String?
    let repliedAt: Instant?
    let createdAt: Instant
    let updatedAt: Instant
}

/// The part that its author writes.
struct Opinion: Sendable {
    let rating: Int64
    let title: String?
    let comment: String?
}

extension Review: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("product_id", product)
            $0.field("username", username)
            $0.field("rating", opinion.rating)
            $0.field("title", opinion.title)
            $0.field("comment", opinion.comment)
            $0.field("status", status)
            $0.field("rejection", rejection)
            $0.field("verified_purchase", isVerifiedPurchase)
            $0.field("helpful", helpful)
            $0.field("reply", reply)
            $0.field("replied_at", repliedAt)
            $0.field("created_at", createdAt)
            $0.field("updated_at", updatedAt)
        }
    }
}

/// The reviews that `rest` selects.
func reviews(_ rest: SQL, in tx: any Transaction) throws -> [Review] {
    try tx.all(
        """
        SELECT review.id, review.product_id, review.customer_id, review.rating, review.title, review.comment,
            review.status, review.rejection, review.verified_purchase, review.helpful, review.reply, review.replied_at, review.created_at, review.updated_at,
            customers.username
        FROM reviews AS review JOIN customers ON customers.id = review.customer_id
        \(rest)
        """
    ) { row in
        Review(
            id: try row["id"], product: try row["product_id"], author: try row["customer_id"],
            username: try row["username"],
            opinion: Opinion(
                rating: try row["rating"], title: try row["title"], comment: try row["comment"]),
            status: try row["status"], rejection: try row["rejection"],
            isVerifiedPurchase: try row["verified_purchase"], helpful: try row["helpful"],
            reply: try row["reply"], repliedAt: try row["replied_at"],
            createdAt: try row["created_at"],
            updatedAt: try row["updated_at"])
    }
}

/// One review, whatever its status.
/// - Throws: `Problem` 404 `review_not_found`.
func review(_ id: Int64, in tx: any Transaction) throws -> Review {
    guard let review = try reviews("WHERE review.id = \(id)", in: tx).first else {
        throw reviewNotFound
    }
    return review
}

let reviewNotFound = Problem.notFound("review_not_found", "There is no such review.")
