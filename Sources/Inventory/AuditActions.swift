import Customers
import HTTP
import Service
import Storage

extension AuditAction {
    static let createdProduct = AuditAction(rawValue: "created_product")
    static let changedProduct = AuditAction(rawValue: "changed_product")
    static let archivedProduct = AuditAction(rawValue: "archived_product")
    static let restoredProduct = AuditAction(rawValue: "restored_product")
    static let adjustedStock = AuditAction(rawValue: "adjusted_stock")
    static let importedProducts = AuditAction(rawValue: "imported_products")
}

/// Records a change to the catalogue.
func audit(
    _ action: AuditAction, product: Int64, before: String? = nil, after: String? = nil,
    by call: Call, in tx: any Transaction
) throws {
    try audit(
        action, of: nil, on: subject(product), before: before, after: after, by: call, in: tx)
}

/// The path of a product, as the audit log names it.
func subject(_ product: Int64) -> String { "/inventory/\(product)" }
