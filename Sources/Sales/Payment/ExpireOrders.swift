import Coupons
import Customers
import HTTP
import Inventory
import Outbox
import Payments
public import Service
public import Storage
import Threads
public import Values

/// The most orders that are searched for at once, and that one transaction cancels.
private let ordersPerGroup = 256
/// How long a transaction goes on with another order, in milliseconds, because buyers wait for it.
private let groupMs: Int64 = 50

/// Where the next call of `expireOrders` continues.
public struct ExpiryPosition: Sendable {
    fileprivate let holdUntil: Instant
    fileprivate let id: Int64
}

/// Cancels orders whose time to pay is over, and gives back their units.
///
/// One transaction cancels many orders: a courier that finds the database contended pauses after
/// each write. An order that cannot give its units back stays, and the others do not wait for it:
/// the call continues after it, and so does the next call. A call looks at `limit` orders at most.
/// `position` is nil for the oldest orders, and again after the newest ones.
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
        let most = min(ordersPerGroup, limit - count)
        let due = try store.read { [position] in
            try expiredOrders(at: now, after: position, atMost: most, in: $0)
        }
        problem = try expire(due.map(\.id)[...], at: now, on: store) ?? problem
        count += due.count
        position = due.count == most ? due.last : nil
    } while position != nil && count < limit
    if let problem { throw problem }
    return position != nil
}

/// Expires overdue orders for a write that needs the units, the coupon or the place they hold.
///
/// It takes the oldest ones; their number is limited, because a buyer waits.
public let overdueHolds = Reclaim(
    for: [
        "insufficient_stock", "coupon_invalid", "cart_not_ready", "quota_exceeded", "orders_open",
    ]
) { store, now in
    let due = try store.read {
        try expiredOrders(at: now, after: nil, atMost: ordersPerGroup, in: $0)
    }
    // A problem keeps only its own order, as for the courier.
    _ = try expire(due.map(\.id)[...], at: now, on: store)
    return !due.isEmpty
}

/// Cancels orders in few transactions, except those that cannot give their units back.
///
/// - Returns: the problem of one of these.
private func expire(_ orders: ArraySlice<Int64>, at now: Instant, on store: some Store) throws
    -> Problem?
{
    var (rest, problem) = (orders, Problem?.none)
    while !rest.isEmpty {
        do {
            rest = try store.write { [rest] in
                try rest.dropFirst(expire(rest, at: now, in: $0))
            }
        } catch let failure as ExpiryFailure {
            problem = failure.problem
            // Those before it were undone with it.
            let others = try expire(rest[..<failure.index], at: now, on: store)
            problem = others ?? problem
            rest = rest[(failure.index + 1)...]
        }
    }
    return problem
}

/// The order that undid the others of its transaction.
private struct ExpiryFailure: Error {
    let index: Int
    let problem: Problem
}

/// Cancels the first ones of some orders, until the transaction has taken long enough.
///
/// The rows that many transactions lock are locked first, in the order in which sales lock them.
/// - Returns: how many orders it has cancelled.
/// - Throws: `ExpiryFailure`.
private func expire(_ orders: ArraySlice<Int64>, at now: Instant, in tx: any Transaction) throws
    -> Int
{
    let endMs = monotonicMs() + groupMs
    _ = try tx.all(
        "SELECT id FROM orders WHERE id IN \(Array(orders).list) ORDER BY id \(.alone("orders"))"
    ) { try $0["id"] as Int64 }
    let products = try tx.all(
        "SELECT product_id FROM order_lines WHERE order_id IN \(Array(orders).list)"
    ) { try $0["product_id"] as Int64 }
    try lockStock(of: Array(Set(products)), in: tx)
    for (index, order) in zip(orders.indices, orders) {
        do {
            try expire(order, at: now, in: tx)
        } catch let problem as Problem {
            throw ExpiryFailure(index: index, problem: problem)
        }
        if monotonicMs() >= endMs { return index + 1 - orders.startIndex }
    }
    return orders.count
}

/// The orders whose time to pay is over, oldest hold first.
private func expiredOrders(
    at now: Instant, after position: ExpiryPosition?, atMost limit: Int, in tx: any Transaction
) throws -> [ExpiryPosition] {
    let isNext: SQL =
        position.map { "AND (hold_until, id) > (\($0.holdUntil), \($0.id))" } ?? ""
    return try tx.all(
        """
        SELECT hold_until, id FROM orders
        WHERE status = 'pending' AND hold_until IS NOT NULL AND hold_until <= \(now) \(isNext)
        ORDER BY hold_until, id LIMIT \(Int64(limit))
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
