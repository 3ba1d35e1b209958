public import Storage

/// Whether somebody has an order with this product that was not called off.
public func hasBought(_ product: Int64, by customer: Int64, in tx: any Transaction) throws -> Bool {
    let row = try tx.first(
        """
        SELECT orders.id FROM orders JOIN order_lines ON order_lines.order_id = orders.id
        WHERE orders.customer_id = \(customer) AND orders.status <> 'cancelled'
            AND order_lines.product_id = \(product)
        LIMIT 1
        """)
    return row != nil
}
