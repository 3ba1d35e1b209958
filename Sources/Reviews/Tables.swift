public import Storage

/// The tables of reviews, their votes, flags and histograms.
///
/// No other slice writes them.
public let tables: [Migration] = [
    Migration("reviews/1 reviews, votes, flags and histograms", reviewTables + voteTables)
]

private let reviewTables: [SQL] = [
    """
    CREATE TABLE reviews (
        id \(.identity),
        product_id \(.int64) NOT NULL REFERENCES products (id),
        customer_id \(.int64) NOT NULL REFERENCES customers (id),
        rating \(.int64) NOT NULL CONSTRAINT reviews_rating CHECK (rating BETWEEN 1 AND 5),
        title TEXT,
        comment TEXT,
        status TEXT NOT NULL
            CONSTRAINT reviews_status CHECK (status IN ('pending', 'approved', 'rejected')),
        rejection TEXT,
        verified_purchase \(.int64) NOT NULL,
        created_at \(.int64) NOT NULL,
        updated_at \(.int64) NOT NULL,
        helpful \(.int64) NOT NULL DEFAULT 0,
        flags \(.int64) NOT NULL DEFAULT 0,
        reply TEXT,
        replied_at \(.int64),
        CONSTRAINT reviews_customer_id_product_id_key UNIQUE (customer_id, product_id)
    ) \(.strict)
    """,
    // One index for each sort order of the list: of all reviews, of a product and of an author. A
    // page is read from its first row on and never sorted.
    "CREATE INDEX reviews_by_age ON reviews (status, created_at, id)",
    "CREATE INDEX reviews_by_rating ON reviews (status, rating, id)",
    "CREATE INDEX reviews_by_helpful ON reviews (status, helpful, id)",
    "CREATE INDEX reviews_by_product_age ON reviews (product_id, status, created_at, id)",
    "CREATE INDEX reviews_by_product_rating ON reviews (product_id, status, rating, id)",
    "CREATE INDEX reviews_by_product_helpful ON reviews (product_id, status, helpful, id)",
    "CREATE INDEX reviews_by_customer_age ON reviews (customer_id, status, created_at, id)",
    "CREATE INDEX reviews_by_customer_rating ON reviews (customer_id, status, rating, id)",
    "CREATE INDEX reviews_by_customer_helpful ON reviews (customer_id, status, helpful, id)",
    // Reviews of one rating can be few, so this index finds them directly.
    "CREATE INDEX reviews_by_rating_age ON reviews (status, rating, created_at, id)",
    "CREATE INDEX reviews_by_rating_helpful ON reviews (status, rating, helpful, id)",
    "CREATE INDEX reviews_flagged ON reviews (created_at, id) WHERE flags > 0",
    "CREATE INDEX reviews_flagged_by_rating ON reviews (rating, id) WHERE flags > 0",
    "CREATE INDEX reviews_flagged_by_helpful ON reviews (helpful, id) WHERE flags > 0",
]

private let voteTables: [SQL] = [
    """
    CREATE TABLE review_votes (
        review_id \(.int64) NOT NULL REFERENCES reviews (id),
        customer_id \(.int64) NOT NULL REFERENCES customers (id),
        PRIMARY KEY (review_id, customer_id)
    ) \(.strict)
    """,
    """
    CREATE TABLE review_flags (
        review_id \(.int64) NOT NULL REFERENCES reviews (id),
        customer_id \(.int64) NOT NULL REFERENCES customers (id),
        reason TEXT NOT NULL,
        created_at \(.int64) NOT NULL,
        PRIMARY KEY (review_id, customer_id)
    ) \(.strict)
    """,
    "CREATE INDEX review_votes_by_customer ON review_votes (customer_id)",
    "CREATE INDEX review_flags_by_customer ON review_flags (customer_id, created_at)",
    """
    CREATE INDEX review_flags_by_review_age
    ON review_flags (review_id, created_at, customer_id)
    """,
    // The number of approved reviews of a product with each rating.
    """
    CREATE TABLE review_histogram (
        product_id \(.int64) NOT NULL REFERENCES products (id),
        rating \(.int64) NOT NULL,
        reviews \(.int64) NOT NULL CONSTRAINT review_histogram_reviews CHECK (reviews >= 0),
        PRIMARY KEY (product_id, rating)
    ) \(.strict)
    """,
]
