import HTTP
import Service
public import Storage

@Sendable func showProduct(_ call: Call, in tx: any Transaction) throws -> Response {
    let (id, currency) = (try call.id(), call.shop.currency)
    if call.caller.isAtLeast(.staff) { return .ok(try anyProduct(id, in: tx, currency: currency)) }
    return .ok(try product(id, in: tx, currency: currency, showing: call.stockVisibility))
}

/// A product, on sale or archived.
/// - Throws: `Problem` 404 `product_not_found`.
func anyProduct(_ id: Int64, in tx: any Transaction, currency: String) throws -> Product {
    let row = try tx.first("SELECT \(Product.columns) FROM products WHERE id = \(id)")
    guard let row else { throw productNotFound }
    return try Product(row, in: currency)
}

/// A product that is on sale.
/// - Throws: `Problem` 404 `product_not_found`, for an archived one as well.
public func product(
    _ id: Int64, in tx: any Transaction, currency: String,
    showing visibility: StockVisibility = .all
) throws -> Product {
    let row = try tx.first(
        "SELECT \(Product.columns) FROM products WHERE id = \(id) AND archived_at IS NULL")
    guard let row else { throw productNotFound }
    return try Product(row, in: currency, showing: visibility)
}

/// The products with these ids, archived ones among them, in no order.
public func products(
    _ ids: [Int64], in tx: any Transaction, currency: String,
    showing visibility: StockVisibility = .all
) throws -> [Product] {
    try tx.all(
        "SELECT \(Product.columns) FROM products WHERE id IN \(ids.list)"
    ) { try Product($0, in: currency, showing: visibility) }
}

let productNotFound = Problem.notFound("product_not_found", "There is no such product.")
