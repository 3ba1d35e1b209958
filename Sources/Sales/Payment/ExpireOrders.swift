import Coupons
import Customers
import HTTP
import Inventory
import Outbox
import Payments
public import Storage
public import Values

/// The most orders that are searched for at once.
private let ordersPerPortion = 50

/// Where the next call of `expireOrders` continues.
public struct ExpiryPosition: Sendable {
    fileprivate let holdUntil: Instant
    fileprivate let id: Int64
}

/// Cancels orders whose time to pay is over, each in its own transaction, and gives back their
/// units.
///
/// An order that cannot give its units back stays, and the others do not wait for it: the call
/// continues after it, and so does the next call. A call that has met such an order ends after
/// `limit` orders. `position` is nil for the oldest orders, and again after the newest ones.
///
/// - Returns: whether there may be more such orders.
/// - Throws: `Problem` 409 `stock_full` for such an order, after the others; `StoreError`.
public func expireOrders(
    at now: Instant, on store: some Store, after position: inout ExpiryPosition?,
    atMost limit: Int = 1000
) throws -> Bool {
    var problem: Problem?
    var count = 0
    repeat {
        let due = try store.read { [position] in try expiredOrders(at: now, after: position, in: $0)
        }
        for order in due {
            do {
                try store.write { try expire(order.id, at: now, in: $0) }
            } catch let refusal as Problem {
                problem = refusal
            }
        }
        count += due.count
        position = due.count == ordersPerPortion ? due.last : nil
    } while position != nil && problem != nil && count < limit
    if let problem { throw problem }
    return position != nil
}

/// The orders whose time to pay is over, oldest hold first.
private func expiredOrders(
    at now: Instant, after position: ExpiryPosition?, in tx: any Transaction
) throws -> [ExpiryPosition] {
    let isNext: SQL =
        position.map { "AND (hold_until, id) > (\($0.holdUntil), \($0.id))" } ?? ""
    return try tx.all(
        """
        SELECT hold_until, id FROM orders
        WHERE status = 'pending' AND hold_until IS NOT NULL AND hold_until <= \(now) \(isNext)
        ORDER BY hold_until, id LIMIT \(Int64(ordersPerPortion))
        """
    ) { ExpiryPosition(holdUntil: try $0["hold_until"], id: try $0["id"]) }
}

/// Cancels an order whose time to pay is over, unless it was paid or cancelled meanwhile.
func expire(_ id: Int64, at now: Instant, in tx: any Transaction) throws {
    let order = try orders("WHERE orders.id = \(id) \(.alone("orders"))", in: tx).first
    guard let order, order.isExpired(at: now) else { return }
    try release(order, by: order.customer, at: now, in: tx)
    try addEvent(
        .cancelled, to: id, reason: "The payment did not arrive in time.", by: nil, at: now, in: tx)
    guard let expired = try orders("WHERE orders.id = \(id)", in: tx).first else { return }
    try publish(
        .orderExpired, on: expired.path, expired, of: expired.customer, by: nil, at: now, in: tx)
}

/// Cancels an unpaid order: its units return to stock, the use of its coupon ends, and its payments
/// end.
///
/// `actor` is the account in the stock movements.
///
/// - Throws: `Problem` 409 `stock_full`.
func release(_ order: Order, by actor: Int64, at now: Instant, in tx: any Transaction) throws {
    try tx.run(
        """
        UPDATE orders SET status = 'cancelled', hold_until = NULL
        WHERE id = \(order.id) AND payment_status = 'unpaid'
        """)
    try tx.run("UPDATE order_lines SET refunded_quantity = quantity WHERE order_id = \(order.id)")
    try completeShipping(of: order, without: order.unreturnedLines, in: tx)
    for line in order.lines.sorted(by: { $0.product < $1.product }) where line.left > 0 {
        try returnStock(
            line.left, of: line.product, order: order.id, by: actor, at: now, in: tx,
            currency: order.currency)
    }
    try giveBackCoupon(of: order.id, at: now, in: tx)
    try endPayments(ofOrder: order.id, at: now, in: tx)
    try forwardMoney(of: order, at: now, in: tx)
}
