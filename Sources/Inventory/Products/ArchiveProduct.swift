import HTTP
import Outbox
import Service
import Storage
import Values

@Sendable func archiveProduct(_ call: Call, in tx: any Transaction) throws -> Response {
    let id = try call.id()
    let product = try anyProduct(id, in: tx, call.productContext)
    guard product.isOnSale else { throw productNotFound }
    try call.requireMatch(product)
    try archiveProduct(product, at: call.now, in: tx)
    try publish(
        .productArchived, try anyProduct(id, in: tx, call.productContext), by: call.caller.id,
        at: call.now, in: tx)
    try audit(.archivedProduct, product: id, by: call, in: tx)
    return .noContent
}

/// Removes a product from lists and from sale.
///
/// The row stays, because orders and ledgers refer to it.
func archiveProduct(_ product: Product, at now: Instant, in tx: any Transaction) throws {
    try tx.run("UPDATE products SET archived_at = \(now) WHERE id = \(product.id)")
    try unindex(product.id, in: tx)
    try updateCategoryTotals(product.details.category, -1, in: tx)
}
