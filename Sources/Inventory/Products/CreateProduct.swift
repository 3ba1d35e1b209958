import HTTP
import Outbox
import Service
public import Storage
public import Values
import Words

/// The body of `POST /inventory`.
struct NewProduct {
    let details: ProductDetails
    let stock: Int64
}

extension NewProduct: Input {
    init(_ fields: inout Fields) {
        details = ProductDetails(&fields)
        stock = fields.optional("stock", .stock) ?? 0
    }
}

@Sendable func createProduct(_ product: NewProduct, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let created = try createProduct(
        product.details, stock: product.stock, by: call.caller.id, at: call.now, in: tx,
        currency: call.shop.currency)
    try audit(
        .createdProduct, product: created.id, after: created.details.changes(from: nil), by: call,
        in: tx)
    return .created(created, at: "/inventory/\(created.id)")
}

/// Creates a product; its initial stock is the first movement in the ledger.
///
/// - Throws: `Problem` 409 `sku_taken`.
public func createProduct(
    _ details: ProductDetails, stock: Int64, by actor: Int64, at now: Instant,
    in tx: any Transaction, currency: String
) throws -> Product {
    let created = try addProduct(
        details, stock: stock, by: actor, at: now, in: tx, currency: currency)
    try index(created.id, details, in: tx)
    return created
}

/// Creates a product without indexing its words.
///
/// The caller indexes them in the same transaction. `id` is an unused id, for a product that comes
/// from another shop.
func addProduct(
    _ details: ProductDetails, id: Int64? = nil, stock: Int64, reason: String = "first stock",
    by actor: Int64, at now: Instant, in tx: any Transaction, currency: String
) throws -> Product {
    let (column, number): (SQL, SQL) = id.map { ("id, ", "\($0), ") } ?? ("", "")
    let row = try tx.first(
        """
        INSERT INTO products (\(column)\(ProductDetails.columns), name_key, stock, created_at, updated_at)
        VALUES (\(number)\(details.values), \(sortKey(details.name)), \(stock), \(now), \(now))
        ON CONFLICT (sku) WHERE archived_at IS NULL DO NOTHING
        RETURNING \(Product.columns)
        """)
    guard let row else { throw try skuTaken(details.sku, in: tx) }
    if id != nil { try tx.numbered("products") }
    let created = try Product(row, ProductContext(currency: currency))
    try updateCategoryTotals(details.category, 1, in: tx)
    if stock > 0 {
        try recordMovement(
            StockMovement(
                product: created.id, delta: stock, stockAfter: stock,
                kind: .received, reason: reason), by: actor, at: now, in: tx)
    }
    try publish(.productCreated, created, by: actor, at: now, in: tx)
    return created
}

/// 409 `sku_taken`, with the id of the product on sale that has the SKU.
func skuTaken(_ sku: String?, in tx: any Transaction) throws -> Problem {
    try product(withSKU: sku, in: tx).map(skuTaken) ?? skuTaken
}

/// 409 `sku_taken` for a product whose id is known.
func skuTaken(by product: Int64) -> Problem {
    Problem(
        .conflict, "sku_taken", "Product \(product) has this SKU.",
        faults: [.init(field: "sku", message: "is the SKU of product \(product)")])
}

/// 409 `sku_taken` if another transaction has taken the SKU, so that its product is not visible
/// yet.
let skuTaken = Problem.conflict("sku_taken", "Another product has this SKU.")

/// Returns the id of the product on sale that has `sku`.
func product(withSKU sku: String?, in tx: any Transaction) throws -> Int64? {
    try tx.first(
        "SELECT id FROM products WHERE sku = \(sku.stored) AND archived_at IS NULL")?["id"]
}
