import Customers
import HTTP
import Outbox
public import Payments
import Service
import Storage
import Values

/// Pays an order as soon as its money is in the buyer's wallet.
public let paymentObserver = PaymentObserver(
    lock: { order, tx in
        _ = try tx.first("SELECT id FROM orders WHERE id = \(order) \(.alone("orders"))")
    },
    prolong: { order, end, now, tx in try prolongHold(of: order, until: end, at: now, in: tx) },
    credited: { order, now, tx in try settle(order, by: nil, at: now, in: tx) })

/// Pays an unpaid order from its buyer's wallet, if all that is due has come.
///
/// An order that is cancelled, or whose hold is over, is left alone: the money stays in the wallet.
///
/// `actor` is the member of staff who booked the money, or nil for the shop itself.
///
/// - Throws: `StoreError`.
func settle(_ id: Int64, by actor: Int64?, at now: Instant, in tx: any Transaction) throws {
    let order = try orders("WHERE orders.id = \(id) \(.alone("orders"))", in: tx).first
    guard let order, order.paymentStatus == .unpaid, order.status != .cancelled,
        !order.isExpired(at: now), order.due == .zero,
        try holds(order.amounts.total, order.customer, in: tx)
    else {
        // Nothing waits for money that came too late.
        if let order, !order.isWaiting { try forwardMoney(of: order, at: now, in: tx) }
        return
    }
    try tx.run(
        """
        UPDATE orders SET payment_status = 'paid', paid_at = \(now), hold_until = NULL,
            payment_method = \(order.settlingMethod),
            status = CASE WHEN status = 'pending' THEN 'paid' ELSE status END
        WHERE id = \(id)
        """)
    // Money that still comes for them is credited to the wallet.
    try endPayments(ofOrder: id, at: now, in: tx)
    try debitTotal(of: order, by: actor ?? order.customer, at: now, in: tx)
    try forwardMoney(of: order, at: now, in: tx)
    try addEvent(.paid, to: id, amount: order.amounts.total, by: actor, at: now, in: tx)
    guard let paid = try orders("WHERE orders.id = \(id)", in: tx).first else { return }
    try publish(.orderPaid, on: paid.path, paid, of: paid.customer, by: actor, at: now, in: tx)
}

/// Lets an order that waits for its payment hold its units until `end` at least.
///
/// - Returns: false if the order no longer waits, or its hold is over.
private func prolongHold(
    of id: Int64, until end: Instant, at now: Instant, in tx: any Transaction
) throws -> Bool {
    let order = try orders("WHERE orders.id = \(id) \(.alone("orders"))", in: tx).first
    guard let order, order.isWaiting, !order.isExpired(at: now) else { return false }
    if let hold = order.holdUntil, hold < end {
        try tx.run("UPDATE orders SET hold_until = \(end) WHERE id = \(id)")
    }
    return true
}

extension Order {
    /// The method of the payment that settles the order: the newest one whose money came.
    ///
    /// Cash for an order with cash on delivery came by that method.
    fileprivate var settlingMethod: PaymentMethod {
        let captured = payments.filter { $0.status == .captured }.compactMap { payment in
            payment.capturedAt.map { (time: $0, id: payment.id, method: payment.method) }
        }
        guard let newest = captured.max(by: { ($0.time, $0.id) < ($1.time, $1.id) }) else {
            return paymentMethod
        }
        let isDelivered = paymentMethod == .cashOnDelivery && newest.method == .cash
        return isDelivered ? paymentMethod : newest.method
    }
}

/// Whether an order was paid before money came at `time`, which then stayed in the wallet.
public func wasPaid(_ order: Int64, before time: Instant, in tx: any Transaction) throws -> Bool {
    try tx.first("SELECT id FROM orders WHERE id = \(order) AND paid_at < \(time)") != nil
}

/// Whether an order was cancelled before money came at `time`, which then stayed in the wallet.
public func wasCancelled(_ order: Int64, before time: Instant, in tx: any Transaction) throws
    -> Bool
{
    // An order that was paid at this time was cancelled afterwards.
    try tx.first(
        """
        SELECT orders.id FROM orders
        WHERE orders.id = \(order) AND orders.status = 'cancelled'
            AND (orders.paid_at IS NULL OR orders.paid_at <> \(time))
            AND EXISTS (
                SELECT id FROM order_events
                WHERE order_id = \(order) AND status = 'cancelled' AND created_at <= \(time))
        """) != nil
}

/// Whether a wallet holds an amount, in a transaction that then debits it.
private func holds(_ amount: Money, _ customer: Int64, in tx: any Transaction) throws -> Bool {
    let row = try tx.first(
        "SELECT balance FROM customers WHERE id = \(customer) \(.alone("customers"))")
    guard let balance: Money = try row?["balance"] else { return false }
    return balance >= amount
}
