import HTTP
import Outbox
import Service
import Storage
import Values

@Sendable func restoreProduct(_ call: Call, in tx: any Transaction) throws -> Response {
    let product = try anyProduct(call.id(), in: tx, call.productContext)
    try call.requireMatch(product)
    let restored = try restoreProduct(product, at: call.now, in: tx, call.productContext)
    if !product.isOnSale {
        try audit(.restoredProduct, product: product.id, by: call, in: tx)
        try publish(.productRestored, restored, by: call.caller.id, at: call.now, in: tx)
    }
    return .ok(restored)
}

/// Puts an archived product back into lists and on sale, with its current stock.
///
/// For a product on sale it does nothing, so the call can be repeated.
///
/// - Throws: `Problem` 409 `sku_taken` if another product on sale has its SKU.
func restoreProduct(
    _ product: Product, at now: Instant, in tx: any Transaction, _ context: ProductContext
) throws -> Product {
    guard !product.isOnSale else { return product }
    if let sku = product.details.sku, let other = try Inventory.product(withSKU: sku, in: tx) {
        throw skuTaken(by: other)
    }
    do {
        try tx.run(
            "UPDATE products SET archived_at = NULL, updated_at = \(now) WHERE id = \(product.id)")
    } catch StoreError.constraint("products_sku_key") {
        throw skuTaken
    }
    try index(product.id, product.details, in: tx)
    try updateCategoryTotals(product.details.category, 1, in: tx)
    return try anyProduct(product.id, in: tx, context)
}
