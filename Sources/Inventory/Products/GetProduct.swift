import HTTP
import Service
public import Storage

@Sendable func getProduct(_ call: Call, in tx: any Transaction) throws -> Response {
    let id = try call.id()
    return .ok(
        call.caller.isAtLeast(.staff)
            ? try anyProduct(id, in: tx, call.productContext)
            : try product(id, in: tx, call.productContext))
}

/// Returns a product, on sale or archived.
///
/// - Throws: `Problem` 404 `product_not_found`.
func anyProduct(_ id: Int64, in tx: any Transaction, _ context: ProductContext) throws -> Product {
    let product = try tx.first(
        Product.self, "WHERE id = \(id) \(.alone("products"))", context)
    guard let product else { throw productNotFound }
    return product
}

/// Returns a product that is on sale, to a caller that does not change it.
///
/// - Throws: `Problem` 404 `product_not_found`, also for an archived product.
public func product(_ id: Int64, in tx: any Transaction, _ context: ProductContext) throws
    -> Product
{
    let product = try tx.first(
        Product.self, "WHERE id = \(id) AND archived_at IS NULL \(.held("products"))", context)
    guard let product else { throw productNotFound }
    return product
}

/// Returns a product that a member of staff may change.
///
/// - Throws: `Problem` 404 `product_not_found`, 409 `product_archived`.
func changeableProduct(_ id: Int64, in tx: any Transaction, _ context: ProductContext) throws
    -> Product
{
    let product = try anyProduct(id, in: tx, context)
    guard product.isOnSale else { throw productArchived }
    return product
}

/// Returns the products with these ids, archived ones too, in no particular order.
public func products(_ ids: [Int64], in tx: any Transaction, _ context: ProductContext) throws
    -> [Product]
{
    try tx.all(Product.self, "WHERE id IN \(ids.list)", context)
}

let productArchived = Problem.conflict(
    "product_archived", "The product is archived. Restore it before the change.")

let productNotFound = Problem.notFound("product_not_found", "There is no such product.")
