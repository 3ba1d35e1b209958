import Customers
import HTTP
import Service
import Storage

extension AuditAction {
    static let createdShippingMethod = AuditAction(rawValue: "created_shipping_method")
    static let changedShippingMethod = AuditAction(rawValue: "changed_shipping_method")
    static let archivedShippingMethod = AuditAction(rawValue: "archived_shipping_method")
}

/// Records what staff did to a shipping method.
func audit(
    _ action: AuditAction, _ method: ShippingMethod, before: String? = nil, after: String? = nil,
    by call: Call, in tx: any Transaction
) throws {
    try audit(action, of: nil, on: method.path, before: before, after: after, by: call, in: tx)
}
