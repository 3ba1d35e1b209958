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
            """)
]
