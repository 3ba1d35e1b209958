import Customers
import HTTP
import Outbox
import Service
import Storage

/// Changes the status of the order in the path, for staff: shipping and delivery.
///
/// - Throws: `Problem` 403 `own_account`, 404 `order_not_found`, 409 `invalid_transition`.
func advanceOrder(
    by transition: OrderTransition, _ action: AuditAction, _ type: EventType, _ call: Call,
    in tx: any Transaction
) throws -> Response {
    let order = try order(call.id(), visibleTo: call.caller, in: tx)
    try call.refuseOwnAccount(order.customer)
    try call.requireMatch(order)
    try advance(order, by: transition, in: tx)
    try addEvent(transition.to, to: order.id, by: call, in: tx)
    try audit(
        action, of: order.customer, on: "/sales/\(order.id)", before: order.status.rawValue,
        after: transition.to.rawValue, by: call, in: tx)
    let advanced = try Sales.order(order.id, visibleTo: call.caller, in: tx)
    try publish(type, on: advanced.path, advanced, of: advanced.customer, by: call, in: tx)
    return .ok(advanced)
}
