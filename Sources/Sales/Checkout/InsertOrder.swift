import Customers
import HTTP
import Service
import Storage
import Values

/// Stores a new order and its lines.
func insertOrder(
    _ quote: OrderQuote, of purchase: Purchase, giftCards: Money, isPaid: Bool, by call: Call,
    in tx: any Transaction
) throws -> Order {
    let isOwn = call.caller.id == purchase.buyer.id
    let (amounts, delivery) = (quote.amounts, quote.delivery)
    let method = isPaid ? quote.methodWithoutPayment(giftCards) : purchase.payment.method
    let guest = purchase.buyer.guest
    let hold = isPaid ? nil : call.shop.payments.holdEnd(of: method, at: call.now)
    let (status, paymentStatus): (OrderStatus, PaymentStatus) =
        isPaid ? (.paid, .paid) : (.pending, .unpaid)
    let id = try tx.insert(
        """
        INSERT INTO orders (customer_id, placed_by, status, payment_status, payment_method,
            hold_until, gift_card_amount, subtotal, discount, shipping, tax, shipping_tax,
            shipping_tax_rate, tax_included, total, currency, shipping_method_id, shipping_method,
            shipping_price, tax_country, tax_region, paid_at, created_at, coupon, email, note,
            shipping_address, billing_address, order_token_hash, guest_key, guest_network)
        VALUES (\(purchase.buyer.id), \((isOwn ? nil : call.caller.id).stored), \(status),
            \(paymentStatus), \(method), \(hold.stored), \(giftCards), \(amounts.subtotal),
            \(amounts.discount), \(amounts.shipping), \(amounts.tax), \(amounts.shippingTax),
            \(amounts.shippingTaxRate),
            \(amounts.isTaxIncluded), \(amounts.total), \(call.shop.currency),
            \((delivery.method?.id).stored), \((delivery.method?.name).stored),
            \((delivery.method?.price).stored), \((quote.destination?.country).stored),
            \((quote.destination?.region).stored), \((isPaid ? call.now : nil).stored), \(call.now),
            \((quote.discount?.code).stored), \((guest?.email).stored),
            \(delivery.note.stored),
            \(delivery.shippingAddress.stored), \(delivery.billingAddress.stored),
            \((guest?.token.hash).stored), \((guest?.email).map(guestKey).stored),
            \((guest?.network).stored))
        """)
    try insertLines(quote.lines, of: id, in: tx)
    return Order(
        id: id, customer: purchase.buyer.id, username: purchase.buyer.username,
        email: guest?.email,
        placedBy: isOwn ? nil : call.caller.username, status: status,
        paymentStatus: paymentStatus, paymentMethod: method, holdUntil: hold,
        giftCardAmount: giftCards, amounts: amounts,
        currency: call.shop.currency, coupon: quote.discount?.code, delivery: delivery,
        paidAt: isPaid ? call.now : nil,
        createdAt: call.now, lines: quote.lines)
}

extension OrderQuote {
    /// The method of an order that is paid at once, so without a payment of its own.
    fileprivate func methodWithoutPayment(_ giftCards: Money) -> PaymentMethod {
        amounts.total > .zero && giftCards >= amounts.total ? .giftCard : .wallet
    }
}

private func insertLines(_ lines: [OrderLine], of order: Int64, in tx: any Transaction) throws {
    for line in lines {
        try tx.later(
            """
            INSERT INTO order_lines (order_id, product_id, name, sku, unit_price, quantity,
                discount, tax, tax_rate, tax_name, tax_included, requires_shipping)
            VALUES (\(order), \(line.product), \(line.name), \(line.sku.stored), \(line.unitPrice),
                \(line.quantity), \(line.discount), \(line.tax), \(line.taxRate.basisPoints),
                \(line.taxName.stored), \(line.isTaxIncluded), \(line.requiresShipping))
            """)
    }
}
