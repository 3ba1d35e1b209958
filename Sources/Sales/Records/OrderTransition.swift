import HTTP
import Storage

/// A change of an order's status, and the statuses from which it is possible.
struct OrderTransition: Sendable {
    let from: [OrderStatus]
    let to: OrderStatus

    // All transitions between statuses. An order is `refunded` once no unit of it is left; a
    // partial refund does not change the status.
    static let ship = OrderTransition(from: [.paid], to: .shipped)
    static let shipUnpaid = OrderTransition(from: [.pending, .paid], to: .shipped)
    static let deliver = OrderTransition(from: [.shipped], to: .delivered)
    static let cancel = OrderTransition(from: [.pending, .paid], to: .cancelled)
    // A parcel that nobody paid for has come back.
    static let cancelUnpaid = OrderTransition(from: [.pending, .shipped], to: .cancelled)
    static let refund = OrderTransition(from: [.paid, .shipped, .delivered], to: .refunded)
}

/// Changes an order's status.
///
/// - Throws: `Problem` 409 `invalid_transition` if its current status does not allow it.
func advance(_ order: Order, by transition: OrderTransition, in tx: any Transaction) throws {
    try transition.requireStatus(of: order)
    guard
        try tx.run(
            """
            UPDATE orders SET status = \(transition.to)
            WHERE id = \(order.id) AND status = \(order.status)
            """) == 1
    else { throw transition.refusal(of: order) }
}

extension OrderTransition {
    /// - Throws: `Problem` 409 `invalid_transition` if the order's status does not allow it.
    func requireStatus(of order: Order) throws {
        guard from.contains(order.status) else { throw refusal(of: order) }
    }

    fileprivate func refusal(of order: Order) -> Problem {
        let from = from.map(\.rawValue).joined(separator: " or ")
        let (now, next) = (order.status.rawValue, to.rawValue)
        return .conflict(
            "invalid_transition",
            "The order is \(now). Only an order that is \(from) can become \(next).")
    }
}
