import HTTP
import Outbox
import Service
import Storage
import Values
import Words

@Sendable func updateProduct(
    _ edit: Edit<ProductDetails>, _ call: Call, in tx: any Transaction
) throws -> Response {
    let id = try call.id()
    let current = try changeableProduct(id, in: tx, call.productContext)
    try call.requireMatch(current)
    let updated = try updateProduct(
        current, to: edit.applied(to: current.details), by: call.caller.id, at: call.now, in: tx)
    try audit(
        .changedProduct, product: id, before: current.details.changes(from: updated.details),
        after: updated.details.changes(from: current.details), by: call, in: tx)
    return .ok(updated)
}

/// Stores the edited details of a product.
///
/// They were read in the same transaction, so no other writer can change them in between.
///
/// - Throws: `Problem` 409 `sku_taken`.
func updateProduct(
    _ product: Product, to details: ProductDetails, by actor: Int64, at now: Instant,
    in tx: any Transaction
) throws -> Product {
    let updated = try rewriteProduct(product, to: details, by: actor, at: now, in: tx)
    if !details.hasSameWords(as: product.details) {
        try unindex(product.id, in: tx)
        try index(product.id, details, in: tx)
    }
    return updated
}

/// Stores the details of a product without indexing its words.
///
/// The caller indexes them in the same transaction.
@discardableResult
func rewriteProduct(
    _ product: Product, to details: ProductDetails, by actor: Int64, at now: Instant,
    in tx: any Transaction
) throws -> Product {
    if let sku = details.sku, !details.sku.isSame(as: product.details.sku),
        let other = try Inventory.product(withSKU: sku, in: tx)
    {
        throw skuTaken(by: other)
    }
    do {
        try tx.run(
            """
            UPDATE products SET \(details.assignments), name_key = \(sortKey(details.name)),
                updated_at = \(now)
            WHERE id = \(product.id)
            """)
    } catch StoreError.constraint("products_sku_key") {
        throw skuTaken
    }
    if details.category != product.details.category {
        try updateCategoryTotals(product.details.category, -1, in: tx)
        try updateCategoryTotals(details.category, 1, in: tx)
    }
    var updated = product
    updated.details = details
    updated.updatedAt = now
    try publish(.productUpdated, updated, by: actor, at: now, in: tx)
    if details.price != product.details.price {
        try publish(.productPriceChanged, updated, by: actor, at: now, in: tx)
    }
    return updated
}
