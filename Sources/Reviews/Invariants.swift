public import Storage

/// The invariants of reviews.
public let invariants: [Invariant] = [
    Invariant(
        "A product's rating is that of its approved reviews.",
        sums: ["stars", "reviews"], of: "product_id",
        in: """
            SELECT id AS product_id, rating_sum AS stars, rating_count AS reviews FROM products
            UNION ALL
            SELECT product_id, -rating, -1 FROM reviews WHERE status = 'approved'
            """,
        subject: "'product ' || product_id"),
    Invariant(
        "A product's histogram is that of its approved reviews.",
        sums: ["reviews"], of: "product_id, rating",
        in: """
            SELECT product_id, rating, reviews FROM review_histogram
            UNION ALL
            SELECT product_id, rating, -1 FROM reviews WHERE status = 'approved'
            """,
        subject: "'product ' || product_id || ' rating ' || rating"),
    Invariant(
        "A review's counts of helpful votes and flags match their rows.",
        sums: ["helpful", "flags"], of: "id",
        in: """
            SELECT id, helpful, flags FROM reviews
            UNION ALL
            SELECT review_id, -1, 0 FROM review_votes
            UNION ALL
            SELECT review_id, 0, -1 FROM review_flags
            """,
        subject: "'review ' || id"),
    Invariant(
        "The author of a review with a verified purchase keeps a unit of the product.",
        breaches: """
            SELECT 'review ' || reviews.id AS subject FROM reviews
            WHERE verified_purchase = 1 AND NOT EXISTS (
                SELECT orders.id FROM orders JOIN order_lines AS line ON line.order_id = orders.id
                WHERE orders.customer_id = reviews.customer_id
                    AND line.product_id = reviews.product_id AND line.refunded_quantity < line.quantity
            ) AND NOT EXISTS (
                SELECT orders.id FROM orders JOIN order_lines AS line ON line.order_id = orders.id
                WHERE orders.claimed_by = reviews.customer_id
                    AND line.product_id = reviews.product_id AND line.refunded_quantity < line.quantity
            )
            """),
]
