import Customers
import HTTP
import Outbox
import Service
import Storage

/// The body of `PATCH /sales/{id}/shipments/{n}`.
struct ShipmentChange: Input {
    let edit: Edit<Tracking>

    init(_ fields: inout Fields) {
        edit = Edit(&fields)
    }
}

/// Corrects the carrier and the tracking of a shipment, and returns the order.
///
/// The audit log gets the names of the changed fields only: a tracking number leads to an address.
///
/// - Throws: `Problem` 403 `own_account`, 404 `order_not_found`, `shipment_not_found`.
@Sendable func updateShipment(_ change: ShipmentChange, _ call: Call, in tx: any Transaction)
    throws -> Response
{
    let order = try order(call.id(), visibleTo: call.caller, in: tx)
    try call.refuseOwnOrder(order)
    try call.requireMatch(order)
    let number = try call.id("n")
    guard let shipment = order.shipments.first(where: { $0.number == number }) else {
        throw Problem.notFound("shipment_not_found", "The order has no such shipment.")
    }
    try tx.run(
        """
        UPDATE shipments SET \(change.edit.applied(to: shipment.tracking).assignments)
        WHERE order_id = \(order.id) AND number = \(number)
        """)
    try audit(
        .changedShipment, of: order.owner, on: "\(order.path)/shipments/\(number)",
        after: change.edit.names.map { "\($0)" }.joined(separator: " "), by: call, in: tx)
    let answer = try Sales.order(order.id, visibleTo: call.caller, in: tx)
    try publish(
        .orderShipmentUpdated, on: order.path, answer, of: order.customer, by: call, in: tx)
    return .ok(answer)
}
