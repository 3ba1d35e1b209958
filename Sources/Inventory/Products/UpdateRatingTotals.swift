public import Storage

/// Adds to what a product's approved reviews say together, or takes away from it: one review of
/// four stars is 4 and 1.
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
