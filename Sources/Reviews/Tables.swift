public import Storage

/// The tables of reviews, oldest first.
///
/// No other slice writes them.
public let tables: [Migration] = [
    Migration(
        "reviews/1 reviews",
        [
            """
            CREATE TABLE reviews (
                id \(.identity),
                product_id BIGINT NOT NULL REFERENCES products (id),
                customer_id BIGINT NOT NULL REFERENCES customers (id),
                rating BIGINT NOT NULL CONSTRAINT reviews_rating CHECK (rating BETWEEN 1 AND 5),
                title TEXT,
                comment TEXT,
                status TEXT NOT NULL
                    CONSTRAINT reviews_status CHECK (status IN ('pending', 'approved', 'rejected')),
                rejection TEXT,
                verified_purchase BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL,
                UNIQUE (customer_id, product_id)
            )
            """,
            "CREATE INDEX reviews_by_product ON reviews (product_id, status, id)",
            "CREATE INDEX reviews_by_status ON reviews (status, id)",
            "CREATE INDEX reviews_by_rating ON reviews (status, rating, id)",
        ])
]
