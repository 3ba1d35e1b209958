import HTTP
import Storage

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

/// Changes an order's status.
///
/// - Throws: `Problem` 409 `invalid_transition` if its current status does not allow it.
func advance(_ order: Order, by transition: OrderTransition, in tx: any Transaction) throws {
    let fulfillment = transition.to == .shipped ? .fulfilled : order.fulfillmentStatus
    guard transition.from.contains(order.status),
        try tx.run(
            """
            UPDATE orders SET status = \(transition.to), fulfillment_status = \(fulfillment)
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
