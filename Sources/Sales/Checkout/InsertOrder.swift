import HTTP
import Service
import Storage
import Values

/// Stores a new, paid order and its lines.
func insertOrder(
    _ quote: OrderQuote, of purchase: Purchase, by call: Call, in tx: any Transaction
) throws -> Order {
    let amounts = quote.amounts
    let id = try tx.insert(
        """
        INSERT INTO orders (customer_id, status, payment_status, subtotal, total, currency,
            paid_at, created_at)
        VALUES (\(purchase.buyer.id), \(OrderStatus.paid), \(PaymentStatus.paid),
            \(amounts.subtotal), \(amounts.total), \(call.shop.currency), \(call.now), \(call.now))
        """)
    for line in quote.lines {
        try tx.later(
            """
            INSERT INTO order_lines (order_id, product_id, name, sku, unit_price, quantity,
                requires_shipping)
            VALUES (\(id), \(line.product), \(line.name), \(line.sku.stored), \(line.unitPrice),
                \(line.quantity), \(line.requiresShipping))
            """)
    }
    return Order(
        id: id, customer: purchase.buyer.id, username: purchase.buyer.username, status: .paid,
        amounts: amounts, currency: call.shop.currency, paidAt: call.now, createdAt: call.now,
        lines: quote.lines)
}
