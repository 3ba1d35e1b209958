import HTTP
public import Storage
public import Values

extension Coupon {
    /// Rejects an order to which the coupon does not apply, whatever its products.
    ///
    /// - Throws: `Problem` 409 `coupon_invalid` with the reason.
    func requireUsable(
        on subtotal: Money, by customer: Int64?, at now: Instant, in tx: any Transaction
    ) throws {
        if let start = terms.startsAt, now < start { throw couponInvalid("is not valid yet") }
        if let end = terms.endsAt, now >= end { throw couponInvalid("has expired") }
        if let max = terms.maxUses, uses >= max { throw usedUp }
        if let min = terms.minSubtotal, subtotal < min {
            throw couponInvalid("requires a subtotal of at least \(min.minorUnits)")
        }
        guard let max = terms.maxUsesPerCustomer else { return }
        guard let customer else { throw couponInvalid("requires an account") }
        let count = try tx.first(
            """
            SELECT COUNT(*) AS uses FROM coupon_uses
            WHERE coupon_id = \(id) AND customer_id = \(customer) AND given_back_at IS NULL
            """)
        guard let count: Int64 = try count?["uses"], count < max else {
            throw couponInvalid("was used as often as a customer may use it")
        }
    }
}

private let usedUp = couponInvalid("was used as often as it may be")

/// Uses a coupon once for a new order, in the transaction that has judged it.
///
/// - Throws: `Problem` 409 `coupon_invalid` if it has no use left.
public func useCoupon(
    _ discount: CouponDiscount, for order: Int64, by customer: Int64?, at now: Instant,
    in tx: any Transaction
) throws {
    let changed = try tx.run(
        """
        UPDATE coupons SET uses = uses + 1
        WHERE id = \(discount.coupon) AND deleted_at IS NULL
            AND (max_uses IS NULL OR uses < max_uses)
        """)
    guard changed == 1 else { throw usedUp }
    try tx.run(
        """
        INSERT INTO coupon_uses (order_id, coupon_id, customer_id, created_at)
        VALUES (\(order), \(discount.coupon), \(customer.stored), \(now))
        """)
}

/// Gives back the use of a coupon when its order expires or is cancelled.
///
/// It does nothing if the order used none, or has given it back.
public func giveBackCoupon(of order: Int64, at now: Instant, in tx: any Transaction) throws {
    let row = try tx.first(
        """
        UPDATE coupon_uses SET given_back_at = \(now)
        WHERE order_id = \(order) AND given_back_at IS NULL
        RETURNING coupon_id
        """)
    guard let coupon: Int64 = try row?["coupon_id"] else { return }
    try tx.run("UPDATE coupons SET uses = uses - 1 WHERE id = \(coupon)")
}
