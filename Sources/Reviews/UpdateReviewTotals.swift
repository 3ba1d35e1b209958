import Inventory
import Storage

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
