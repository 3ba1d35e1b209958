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
            // One for each order of the list, alone, within a product and within an author's: a
            // page is read from where it begins, and never sorted.
            "CREATE INDEX reviews_by_age ON reviews (status, created_at, id)",
            "CREATE INDEX reviews_by_rating ON reviews (status, rating, id)",
            "CREATE INDEX reviews_by_product_age ON reviews (product_id, status, created_at, id)",
            "CREATE INDEX reviews_by_product_rating ON reviews (product_id, status, rating, id)",
            "CREATE INDEX reviews_by_customer_age ON reviews (customer_id, status, created_at, id)",
            "CREATE INDEX reviews_by_customer_rating ON reviews (customer_id, status, rating, id)",
        ])
]
