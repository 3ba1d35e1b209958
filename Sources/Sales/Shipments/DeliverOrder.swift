import Customers
import HTTP
import Outbox
import Service
import Storage

/// Marks an order as delivered; the period for returns begins.
///
/// - Throws: `Problem` 403 `own_account`, 404 `order_not_found`, 409 `invalid_transition`.
@Sendable func deliverOrder(_ call: Call, in tx: any Transaction) throws -> Response {
    let order = try order(call.id(), visibleTo: call.caller, in: tx)
    try call.refuseOwnOrder(order)
    try call.requireMatch(order)
    try advance(order, by: .deliver, in: tx)
    try tx.run("UPDATE orders SET delivered_at = \(call.now) WHERE id = \(order.id)")
    try addEvent(.delivered, to: order.id, by: call, in: tx)
    try audit(
        .deliveredOrder, of: order.owner, on: order.path, before: order.status.rawValue,
        after: OrderStatus.delivered.rawValue, by: call, in: tx)
    let delivered = try Sales.order(order.id, visibleTo: call.caller, in: tx)
    try publish(
        .orderDelivered, on: order.path, delivered, of: order.customer, by: call, in: tx)
    return .ok(delivered)
}
