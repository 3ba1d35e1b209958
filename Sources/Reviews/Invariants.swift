public import Service

/// What holds for reviews at any moment.
public let invariants: [Invariant] = [
    Invariant(
        "A product's rating is that of its approved reviews.",
        breaches: """
            SELECT 'product ' || products.id AS subject
            FROM products LEFT JOIN reviews AS review
                ON review.product_id = products.id AND review.status = 'approved'
            GROUP BY products.id, rating_sum, rating_count
            HAVING rating_sum <> COALESCE(SUM(review.rating), 0) OR rating_count <> COUNT(review.id)
            """),
    Invariant(
        "A product's histogram is that of its approved reviews.",
        breaches: """
            SELECT 'product ' || product_id || ' rating ' || rating AS subject FROM (
                SELECT product_id, rating, reviews FROM review_histogram
                UNION ALL
                SELECT product_id, rating, -1 FROM reviews WHERE status = 'approved'
            ) AS entry GROUP BY product_id, rating HAVING SUM(reviews) <> 0
            """),
    Invariant(
        "A review has as many helpful votes and flags as it says.",
        breaches: """
            SELECT 'review ' || id AS subject FROM reviews
            WHERE helpful <> (
                SELECT COUNT(*) FROM review_votes WHERE review_votes.review_id = reviews.id
            ) OR flags <> (
                SELECT COUNT(*) FROM review_flags WHERE review_flags.review_id = reviews.id
            )
            """),
]
