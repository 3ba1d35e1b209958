public import Storage
public import Values

/// The number of open gift cards that have not expired, and the sum of their amounts in minor units.
///
/// An index has only the open cards, and the amounts of them, so redeemed ones cost nothing.
/// - Throws: `StoreError`.
public func openGiftCards(at now: Instant, in tx: any Transaction) throws -> (
    count: Int64, amount: Int64
) {
    // Two ranges of the index, because a condition with OR would read all of it.
    var sums: (count: Int64, amount: Int64) = (0, 0)
    for isOpen in ["expires_at IS NULL", "expires_at > \(now)"] as [SQL] {
        let row = try tx.first(
            """
            SELECT COUNT(*) AS cards, COALESCE(\(SQL(sum: "amount")), 0) AS amount
            FROM gift_cards WHERE status = 'open' AND \(isOpen)
            """)
        sums.count += try row?["cards"] ?? 0
        sums.amount += try row?["amount"] ?? 0
    }
    return sums
}
