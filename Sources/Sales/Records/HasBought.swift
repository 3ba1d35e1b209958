public import Storage
public import Values

/// Whether a customer has bought this product and has kept at least one unit of it, also in an
/// order as a guest that the customer's account has claimed.
///
/// In a write this remains so until the transaction ends: a refund waits for it.
public func hasBought(_ product: Int64, by customer: Int64, in tx: any Transaction) throws -> Bool {
    // Two statements, because each has an index.
    for buyer in ["customer_id", "claimed_by"] as [SQL] {
        let row = try tx.first(
            """
            SELECT orders.id FROM orders JOIN order_lines ON order_lines.order_id = orders.id
            WHERE orders.\(buyer) = \(customer) AND order_lines.product_id = \(product)
                AND order_lines.refunded_quantity < order_lines.quantity
                AND orders.paid_at IS NOT NULL
            LIMIT 1 \(.held("orders, order_lines"))
            """)
        if row != nil { return true }
    }
    return false
}

/// Whether a customer has made more than `count` orders since a time.
public func hasOrdered(
    moreThan count: Int64, by customer: Int64, since: Instant, in tx: any Transaction
) throws -> Bool {
    let row = try tx.first(
        """
        SELECT id FROM orders WHERE customer_id = \(customer) AND created_at > \(since)
        ORDER BY created_at, id LIMIT 1 OFFSET \(count)
        """)
    return row != nil
}
