public import Storage

/// The tables of coupons and their uses.
///
/// No other slice writes them.
public let tables: [Migration] = [
    Migration("coupons/1 coupons and their uses", couponTables)
]

private let couponTables: [SQL] = [
    // `code` has capital letters. `categories` and `product_ids` are lists with spaces.
    //
    // A deleted coupon stays, because its uses refer to it, and frees its code.
    """
    CREATE TABLE coupons (
        id \(.identity),
        code TEXT NOT NULL,
        kind TEXT NOT NULL CONSTRAINT coupons_kind CHECK (
            kind = 'percent' OR kind = 'amount' OR kind = 'free_shipping'),
        value \(.int64),
        min_subtotal \(.int64),
        starts_at \(.int64),
        ends_at \(.int64),
        max_uses \(.int64),
        max_uses_per_customer \(.int64),
        categories TEXT,
        product_ids TEXT,
        uses \(.int64) NOT NULL DEFAULT 0 CONSTRAINT coupons_uses CHECK (uses >= 0),
        created_at \(.int64) NOT NULL,
        updated_at \(.int64) NOT NULL,
        deleted_at \(.int64),
        CONSTRAINT coupons_value CHECK ((kind = 'free_shipping') = (value IS NULL))
    ) \(.strict)
    """,
    "CREATE UNIQUE INDEX coupons_code_key ON coupons (code) WHERE deleted_at IS NULL",
    // `customer_id` is NULL for an order without an account. A use that was given back no longer
    // counts.
    """
    CREATE TABLE coupon_uses (
        order_id \(.int64) PRIMARY KEY,
        coupon_id \(.int64) NOT NULL REFERENCES coupons (id),
        customer_id \(.int64) REFERENCES customers (id),
        created_at \(.int64) NOT NULL,
        given_back_at \(.int64)
    ) \(.strict)
    """,
    """
    CREATE INDEX coupon_uses_by_coupon ON coupon_uses (coupon_id, customer_id)
        WHERE given_back_at IS NULL
    """,
    """
    CREATE INDEX coupon_uses_by_customer ON coupon_uses (customer_id, order_id)
        WHERE customer_id IS NOT NULL
    """,
]
