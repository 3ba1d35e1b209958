import HTTP
import Service
import Storage
import Values

/// Stores a new, paid order and its lines.
func insertOrder(
    _ quote: OrderQuote, of purchase: Purchase, by call: Call, in tx: any Transaction
) throws -> Order {
    let isOwn = call.caller.id == purchase.buyer.id
    let (amounts, delivery) = (quote.amounts, quote.delivery)
    let id = try tx.insert(
        """
        INSERT INTO orders (customer_id, placed_by, status, payment_status, subtotal, discount,
            shipping, tax, shipping_tax, shipping_tax_rate, tax_included, total, currency,
            shipping_method_id, shipping_method, shipping_price, tax_country, tax_region, paid_at,
            created_at, note, shipping_address, billing_address)
        VALUES (\(purchase.buyer.id), \((isOwn ? nil : call.caller.id).stored), \(OrderStatus.paid),
            \(PaymentStatus.paid), \(amounts.subtotal), \(amounts.discount), \(amounts.shipping),
            \(amounts.tax), \(amounts.shippingTax), \(amounts.shippingTaxRate),
            \(amounts.isTaxIncluded), \(amounts.total), \(call.shop.currency),
            \((delivery.method?.id).stored), \((delivery.method?.name).stored),
            \((delivery.method?.price).stored), \((quote.destination?.country).stored),
            \((quote.destination?.region).stored), \(call.now), \(call.now),
            \(delivery.note.stored), \(delivery.shippingAddress.stored),
            \(delivery.billingAddress.stored))
        """)
    for line in quote.lines {
        try tx.later(
            """
            INSERT INTO order_lines (order_id, product_id, name, sku, unit_price, quantity,
                discount, tax, tax_rate, tax_name, tax_included, requires_shipping)
            VALUES (\(id), \(line.product), \(line.name), \(line.sku.stored), \(line.unitPrice),
                \(line.quantity), \(line.discount), \(line.tax), \(line.taxRate.basisPoints),
                \(line.taxName.stored), \(line.isTaxIncluded), \(line.requiresShipping))
            """)
    }
    return Order(
        id: id, customer: purchase.buyer.id, username: purchase.buyer.username,
        placedBy: isOwn ? nil : call.caller.username, status: .paid, amounts: amounts,
        currency: call.shop.currency, delivery: delivery, paidAt: call.now, createdAt: call.now,
        lines: quote.lines)
}
