public import Storage

/// Whether a customer has bought this product and has kept at least one unit of it.
public func hasBought(_ product: Int64, by customer: Int64, in tx: any Transaction) throws -> Bool {
    let row = try tx.first(
        """
        SELECT orders.id FROM orders JOIN order_lines ON order_lines.order_id = orders.id
        WHERE orders.customer_id = \(customer) AND order_lines.product_id = \(product)
            AND order_lines.refunded_quantity < order_lines.quantity
        LIMIT 1
        """)
    return row != nil
}
