import HTTP
import Service
import Storage

@Sendable func updateShippingMethod(
    _ edit: Edit<ShippingMethodDetails>, _ call: Call, in tx: any Transaction
) throws -> Response {
    let current = try shippingMethod(try call.id(), in: tx)
    try call.requireMatch(current)
    var updated = current
    updated.details = edit.applied(to: current.details)
    updated.updatedAt = call.now
    try updated.details.requireWeights()
    try tx.run(
        """
        UPDATE shipping_methods SET \(updated.details.assignments), updated_at = \(call.now)
        WHERE id = \(current.id)
        """)
    try audit(
        .changedShippingMethod, current, before: current.details.changes(from: updated.details),
        after: updated.details.changes(from: current.details), by: call, in: tx)
    return .ok(updated)
}
