import HTTP
import Service
import Storage

/// Archives a shipping method; orders keep copies of it.
@Sendable func deleteShippingMethod(_ call: Call, in tx: any Transaction) throws -> Response {
    let current = try shippingMethod(try call.id(), in: tx)
    try call.requireMatch(current)
    try tx.run("UPDATE shipping_methods SET archived_at = \(call.now) WHERE id = \(current.id)")
    try audit(
        .archivedShippingMethod, current, before: current.details.changes(from: nil), by: call,
        in: tx)
    return .noContent
}
