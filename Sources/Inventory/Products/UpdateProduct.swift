import HTTP
import Service
import Storage
import Values
import Words

/// The body of `PATCH /inventory/{id}`: what is left out stays.
///
/// Stock moves by movements, not here.
struct ProductChange: Input {
    let name: String?
    let category: String?
    let price: Money?
    let sku: Change<String>
    let description: Change<String>
    let lowStock: Change<Int64>

    init(_ fields: inout Fields) {
        name = fields.changed("name", .productName)
        category = fields.changed("category", .category)
        price = fields.changed("price", .price)
        sku = fields.change("sku", .sku)
        description = fields.change("description", .description)
        lowStock = fields.change("low_stock", .stock)
    }

    func applied(to details: ProductDetails) -> ProductDetails {
        ProductDetails(
            name: name ?? details.name, category: category ?? details.category,
            price: price ?? details.price,
            sku: sku.applied(to: details.sku),
            description: description.applied(to: details.description),
            lowStock: lowStock.applied(to: details.lowStock))
    }
}

@Sendable func updateProduct(_ change: ProductChange, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let id = try call.id()
    let current = try product(id, in: tx, currency: call.shop.currency)
    try call.requireMatch(current)
    let updated = try updateProduct(
        current, to: change.applied(to: current.details), at: call.now, in: tx)
    try audit(
        .changedProduct, product: id, before: current.details.changes(from: updated.details),
        after: updated.details.changes(from: current.details), by: call, in: tx)
    return .ok(updated)
}

/// Writes the details as they are now.
///
/// They were read in the same transaction, which nobody else writes beside.
/// - Throws: `Problem` 409 `sku_taken`.
func updateProduct(
    _ product: Product, to details: ProductDetails, at now: Instant, in tx: any Transaction
) throws -> Product {
    var updated = product
    updated.details = details
    updated.updatedAt = now
    try rewriteProduct(product, to: details, at: now, in: tx)
    if !details.hasSameWords(as: product.details) {
        try unindex(product.id, in: tx)
        try index(product.id, details, in: tx)
    }
    return updated
}

/// The same but for its words: a search finds the former ones until they are indexed, in this
/// transaction.
func rewriteProduct(
    _ product: Product, to details: ProductDetails, at now: Instant, in tx: any Transaction
) throws {
    if let sku = details.sku, !details.sku.isSame(as: product.details.sku),
        let other = try Inventory.product(withSKU: sku, in: tx)
    {
        throw skuTaken(by: other)
    }
    do {
        try tx.run(
            """
            UPDATE products SET name = \(details.name), name_key = \(sortKey(details.name)),
                category = \(details.category), price = \(details.price), sku = \(details.sku.stored),
                description = \(details.description.stored), low_stock = \(details.lowStock.stored),
                updated_at = \(now)
            WHERE id = \(product.id)
            """)
    } catch StoreError.constraint("products_sku_key") {
        throw skuTaken
    }
    if details.category != product.details.category {
        try countCategory(product.details.category, -1, in: tx)
        try countCategory(details.category, 1, in: tx)
    }
}
