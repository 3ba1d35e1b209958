import Customers
import HTTP
import Outbox
import Service
import Storage
import Values

/// The handler of `POST /sales/{id}/cancel`; an order whose hold is over expires instead.
func cancelOrder(
    _ observers: [ReturnObserver]
) -> @Sendable (Call, any Transaction) throws -> Response {
    { call, tx in
        let order = try order(call.id(), visibleTo: call.caller, in: tx)
        try call.requireMatch(order)
        if order.isExpired(at: call.now) {
            // The courier is about to do the same.
            try expire(order.id, at: call.now, in: tx)
            return .ok(try Sales.order(order.id, visibleTo: call.caller, in: tx))
        }
        let amount = try cancel(order, by: call, in: tx, observers)
        try addEvent(.cancelled, to: order.id, amount: amount, by: call, in: tx)
        try audit(
            .cancelledOrder, of: order.owner, on: "/sales/\(order.id)",
            before: order.status.rawValue, after: OrderStatus.cancelled.rawValue, ownersToo: true,
            by: call, in: tx)
        let cancelled = try Sales.order(order.id, visibleTo: call.caller, in: tx)
        try publish(
            .orderCancelled, on: order.path, cancelled, of: order.customer, by: call, in: tx)
        return .ok(cancelled)
    }
}

/// - Throws: `Problem` 409 `invalid_transition` if a part of the order was shipped.
private func requireUnshipped(_ order: Order) throws {
    guard order.fulfillmentStatus == .unfulfilled else {
        throw Problem.conflict(
            "invalid_transition", "A part of the order was shipped. Staff can refund the rest.")
    }
}

/// The buyer could spend the money that goes to the wallet, and then get it from the bank as well.
///
/// - Throws: `Problem` 409 `invalid_transition` while the buyer disputes a payment.
private func requireUndisputed(_ order: Order) throws {
    guard !order.payments.contains(where: { $0.status == .disputed && $0.captured > $0.refunded })
    else {
        throw Problem.conflict(
            "invalid_transition", "A payment of the order is disputed. Ask the shop to cancel it.")
    }
}

/// Gives back the units of an order, and the money if it was paid.
///
/// - Returns: the refunded amount.
private func cancel(
    _ order: Order, by call: Call, in tx: any Transaction, _ observers: [ReturnObserver]
) throws -> Money {
    let isStaff = call.caller.isAtLeast(.staff) && !order.isBought(by: call.caller)
    guard order.paymentStatus == .unpaid else {
        try advance(order, by: .cancel, in: tx)
        try requireUnshipped(order)
        if !isStaff { try requireUndisputed(order) }
        return try refund(
            order.unreturnedLines, shipping: true, of: order, restock: true, to: .source,
            isCancellation: true, by: call, in: tx, observers)
    }
    // Only staff know that a parcel has come back.
    try advance(order, by: isStaff ? .cancelUnpaid : .cancel, in: tx)
    if !isStaff { try requireUnshipped(order) }
    try release(order, by: call.caller.id, at: call.now, in: tx)
    return .zero
}
