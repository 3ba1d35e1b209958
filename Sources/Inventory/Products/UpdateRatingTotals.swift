public import Storage

/// Adds to the rating totals of a product, or subtracts from them.
///
/// One review with four stars counts as 4 stars and 1 review.
public func updateRatingTotals(
    stars: Int64, reviews: Int64, of product: Int64, in tx: any Transaction
)
    throws
{
    try tx.run(
        """
        UPDATE products SET rating_sum = rating_sum + \(stars), rating_count = rating_count + \(reviews)
        WHERE id = \(product)
        """)
}
