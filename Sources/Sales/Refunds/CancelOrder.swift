import Customers
import HTTP
import Outbox
import Service
import Storage

/// The handler of `POST /sales/{id}/cancel`.
func cancelOrder(
    _ observers: [ReturnObserver]
) -> @Sendable (Call, any Transaction) throws -> Response {
    { call, tx in
        let order = try order(call.id(), visibleTo: call.caller, in: tx)
        try call.requireMatch(order)
        try advance(order, by: .cancel, in: tx)
        let amount = try refund(
            order.unreturnedLines, shipping: true, of: order, restock: true, by: call, in: tx,
            observers)
        try addEvent(.cancelled, to: order.id, amount: amount, by: call, in: tx)
        try audit(
            .cancelledOrder, of: order.customer, on: "/sales/\(order.id)",
            before: order.status.rawValue, after: OrderStatus.cancelled.rawValue, ownersToo: true,
            by: call, in: tx)
        let cancelled = try Sales.order(order.id, visibleTo: call.caller, in: tx)
        try publish(
            .orderCancelled, on: order.path, cancelled, of: order.customer, by: call, in: tx)
        return .ok(cancelled)
    }
}
