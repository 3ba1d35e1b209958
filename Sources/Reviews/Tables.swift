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
        ]),
    Migration(
        "reviews/2 votes, flags, replies and histograms",
        [
            "ALTER TABLE reviews ADD COLUMN helpful BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE reviews ADD COLUMN flags BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE reviews ADD COLUMN reply TEXT",
            "ALTER TABLE reviews ADD COLUMN replied_at BIGINT",
            "CREATE INDEX reviews_by_helpful ON reviews (status, helpful, id)",
            "CREATE INDEX reviews_by_product_helpful ON reviews (product_id, status, helpful, id)",
            "CREATE INDEX reviews_by_customer_helpful ON reviews (customer_id, status, helpful, id)",
            "CREATE INDEX reviews_flagged ON reviews (created_at, id) WHERE flags > 0",
            """
            CREATE TABLE review_votes (
                review_id BIGINT NOT NULL REFERENCES reviews (id),
                customer_id BIGINT NOT NULL REFERENCES customers (id),
                PRIMARY KEY (review_id, customer_id)
            )
            """,
            """
            CREATE TABLE review_flags (
                review_id BIGINT NOT NULL REFERENCES reviews (id),
                customer_id BIGINT NOT NULL REFERENCES customers (id),
                reason TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                PRIMARY KEY (review_id, customer_id)
            )
            """,
            "CREATE INDEX review_votes_by_customer ON review_votes (customer_id)",
            "CREATE INDEX review_flags_by_customer ON review_flags (customer_id)",
            // How many approved reviews gave a product how many stars, kept in the commit of each.
            """
            CREATE TABLE review_histogram (
                product_id BIGINT NOT NULL REFERENCES products (id),
                rating BIGINT NOT NULL,
                reviews BIGINT NOT NULL CONSTRAINT review_histogram_reviews CHECK (reviews >= 0),
                PRIMARY KEY (product_id, rating)
            )
            """,
        ]),
    Migration(
        "reviews/3 the queue in every order",
        [
            "CREATE INDEX reviews_flagged_by_rating ON reviews (rating, id) WHERE flags > 0",
            "CREATE INDEX reviews_flagged_by_helpful ON reviews (helpful, id) WHERE flags > 0",
        ]),
    Migration(
        "reviews/4 flags by age",
        [
            """
            CREATE INDEX review_flags_by_review_age
            ON review_flags (review_id, created_at, customer_id)
            """
        ]),
    // Five stars are many and one star is few: among all reviews those of a rating are found by it.
    Migration(
        "reviews/5 a rating in every order",
        [
            "CREATE INDEX reviews_by_rating_age ON reviews (status, rating, created_at, id)",
            "CREATE INDEX reviews_by_rating_helpful ON reviews (status, rating, helpful, id)",
        ]),
]
