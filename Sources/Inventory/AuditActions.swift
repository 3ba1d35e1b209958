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

extension ProductDetails {
    /// The fields that differ from `other`, as a JSON object for the audit log; all without `other`.
    ///
    /// Of long texts only the beginning.
    func changes(from other: ProductDetails?) -> String {
        String(decoding: JSONWriter.bytes(of: Changes(details: self, other: other)), as: UTF8.self)
    }
}

private struct Changes: JSONWritable {
    let details: ProductDetails
    let other: ProductDetails?

    func write(to json: inout JSONWriter) {
        json.object {
            let isNew = other == nil
            if isNew || !isSame(details.name, other?.name) { $0.field("name", details.name) }
            if isNew || !isSame(details.category, other?.category) {
                $0.field("category", details.category)
            }
            if isNew || details.price != other?.price { $0.field("price", details.price) }
            if isNew || !isSame(details.sku, other?.sku) { $0.field("sku", details.sku) }
            if isNew || !isSame(details.description, other?.description) {
                $0.field("description", details.description.map(beginning))
            }
            if isNew || details.lowStock != other?.lowStock {
                $0.field("low_stock", details.lowStock)
            }
        }
    }

    private func isSame(_ text: String?, _ other: String?) -> Bool { text.isSame(as: other) }

    /// At most 200 code points.
    private func beginning(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(200)))
    }
}
