import Customers
import HTTP
import Service
import Storage
import Values

/// A change of an order's status, and the statuses from which it is possible.
struct OrderTransition: Sendable {
    let from: [OrderStatus]
    let to: OrderStatus

    // All transitions between statuses. An order is `refunded` once no unit of it is left; a
    // partial refund does not change the status.
    static let ship = OrderTransition(from: [.paid], to: .shipped)
    static let deliver = OrderTransition(from: [.shipped], to: .delivered)
    static let cancel = OrderTransition(from: [.paid], to: .cancelled)
    static let refund = OrderTransition(from: [.paid, .shipped, .delivered], to: .refunded)
}

/// Changes the status of the order in the path, for staff: shipping and delivery.
///
/// - Throws: `Problem` 403 `own_account`, 404 `order_not_found`, 409 `invalid_transition`.
func advanceOrder(
    by transition: OrderTransition, _ action: AuditAction, _ call: Call, in tx: any Transaction
) throws -> Response {
    let order = try order(call.id(), visibleTo: call.caller, in: tx)
    try call.refuseOwnAccount(order.customer)
    try call.requireMatch(order)
    try advance(order, by: transition, in: tx)
    try addEvent(transition.to, to: order.id, by: call, in: tx)
    try audit(
        action, of: order.customer, on: "/sales/\(order.id)", before: order.status.rawValue,
        after: transition.to.rawValue, by: call, in: tx)
    return .ok(try Sales.order(order.id, visibleTo: call.caller, in: tx))
}

/// Changes an order's status.
///
/// - Throws: `Problem` 409 `invalid_transition` if its current status does not allow it.
func advance(_ order: Order, by transition: OrderTransition, in tx: any Transaction) throws {
    guard transition.from.contains(order.status),
        try tx.run(
            """
            UPDATE orders SET status = \(transition.to)
            WHERE id = \(order.id) AND status = \(order.status)
            """) == 1
    else {
        let from = transition.from.map(\.rawValue).joined(separator: " or ")
        let (now, next) = (order.status.rawValue, transition.to.rawValue)
        throw Problem.conflict(
            "invalid_transition",
            "The order is \(now). Only an order that is \(from) can become \(next).")
    }
}

/// Adds an entry to an order's timeline.
func addEvent(
    _ status: OrderStatus, to order: Int64, amount: Money = .zero, reason: String? = nil,
    by call: Call, in tx: any Transaction
) throws {
    try tx.run(
        """
        INSERT INTO order_events (order_id, status, amount, reason, actor_id, created_at)
        VALUES (\(order), \(status), \(amount), \(reason.stored), \(call.caller.id), \(call.now))
        """)
}
