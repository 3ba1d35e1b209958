public import Storage

/// The invariants of coupons.
public let invariants: [Invariant] = [
    Invariant(
        "The uses of a coupon are the orders that use it.",
        sums: ["held - counted"], of: "coupon_id",
        in: """
            SELECT id AS coupon_id, uses AS held, 0 AS counted FROM coupons
            UNION ALL
            SELECT coupon_id, 0, 1 FROM coupon_uses WHERE given_back_at IS NULL
            """,
        subject: """
            'coupon ' || coupon_id || ' counts ' || \(SQL(sum: "held")) || ' uses, orders have '
                || \(SQL(sum: "counted"))
            """)
]
