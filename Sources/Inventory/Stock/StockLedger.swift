import HTTP
import Service
public import Storage
public import Values

/// The reason for a change of a product's stock.
enum StockMovementKind: String, Sendable, CaseIterable, Storable, JSONWritable {
    case received
    case adjusted
    case sold
    case returned
}

/// A change of a product's stock that is to be added to its ledger.
struct StockMovement: Sendable {
    let product: Int64
    let delta: Int64
    let stockAfter: Int64
    let kind: StockMovementKind
    var reason: String?
    var order: Int64?
}

/// Adds a movement to the ledger, whose rows are never changed.
func recordMovement(
    _ movement: StockMovement, by actor: Int64, at now: Instant, in tx: any Transaction
) throws {
    try tx.later(
        """
        INSERT INTO stock_movements (product_id, delta, stock_after, kind, reason, order_id, actor_id, created_at)
        VALUES (\(movement.product), \(movement.delta), \(movement.stockAfter), \(movement.kind),
            \(movement.reason.stored), \(movement.order.stored), \(actor), \(now))
        """)
}

/// A product as an order copies it.
public struct SoldProduct: Sendable {
    /// The product's id.
    public let id: Int64
    /// The shop's own article number.
    public let sku: String?
    /// The name.
    public let name: String
    /// The slug of the category.
    public let category: String
    /// The price of one unit.
    public let price: Money
    /// The weight of one unit in grams.
    public let weightGrams: Int64
    /// Whether the product is sent to the buyer.
    public let requiresShipping: Bool
    /// The class whose tax rates apply.
    public let taxClass: String
}

extension SoldProduct {
    /// Copies a product that was read before, with another value for `requiresShipping`.
    public init(_ product: Product, isSent: Bool) {
        let details = product.details
        self.init(
            id: product.id, sku: details.sku, name: details.name, category: details.category,
            price: details.price, weightGrams: details.weightGrams, requiresShipping: isSent,
            taxClass: details.taxClass)
    }

    fileprivate static let columns: SQL =
        "id, sku, name, category, price, weight_g, requires_shipping, tax_class"

    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row["id"], sku: try row["sku"], name: try row["name"],
            category: try row["category"], price: try row["price"],
            weightGrams: try row["weight_g"], requiresShipping: try row["requires_shipping"],
            taxClass: try row["tax_class"])
    }
}

/// Units taken from stock, with their product at the time of the order.
public struct TakenStock: Sendable {
    /// The product.
    public let product: SoldProduct
    /// The number of units.
    public let quantity: Int64
    let stockAfter: Int64
    let lowStock: Int64?
}

/// Takes units from stock, if there are enough.
///
/// - Returns: nil if the stock is too low, or no such product is on sale.
public func takeStock(_ quantity: Int64, of product: Int64, in tx: any Transaction) throws
    -> TakenStock?
{
    let row = try tx.update(
        taking(quantity, of: product), returning: takenColumns,
        from: """
            SELECT \(SoldProduct.columns), stock, low_stock FROM products WHERE id = \(product)
            """)
    return try row.map {
        TakenStock(
            product: try SoldProduct($0), quantity: quantity, stockAfter: try $0["stock"],
            lowStock: try $0["low_stock"])
    }
}

/// Announces that `takeStock` will take these units.
public func announceTake(_ quantity: Int64, of product: Int64, in tx: any Transaction) {
    tx.announce(taking(quantity, of: product), returning: takenColumns)
}

private func taking(_ quantity: Int64, of product: Int64) -> SQL {
    """
    UPDATE products SET stock = stock - \(quantity)
    WHERE id = \(product) AND stock >= \(quantity) AND archived_at IS NULL
    """
}

private let takenColumns: StaticString = """
    id, sku, name, category, price, weight_g, requires_shipping, tax_class, stock, low_stock
    """

/// Adds the taken units to the stock ledger, once their order has an id.
public func enterSoldStock(
    of taken: [TakenStock], order: Int64, by buyer: Int64, at now: Instant, in tx: any Transaction,
    currency: String
) throws {
    for line in taken {
        try recordMovement(
            StockMovement(
                product: line.product.id, delta: -line.quantity, stockAfter: line.stockAfter,
                kind: .sold, order: order), by: buyer, at: now, in: tx)
        try publishStock(
            of: line.product.id, from: line.stockAfter + line.quantity, to: line.stockAfter,
            lowStock: line.lowStock, by: buyer, at: now, in: tx, currency: currency)
    }
}

/// Returns a product as an order would copy it, or nil.
public func soldProduct(_ product: Int64, in tx: any Transaction) throws -> SoldProduct? {
    try tx.first("SELECT \(SoldProduct.columns) FROM products WHERE id = \(product)")
        .map(SoldProduct.init)
}

/// Whether a product exists and is not archived.
public func isOnSale(_ product: Int64, in tx: any Transaction) throws -> Bool {
    try tx.first("SELECT id FROM products WHERE id = \(product) AND archived_at IS NULL") != nil
}

/// Locks products whose stock a write changes, in the order in which sales lock them.
public func lockStock(of products: [Int64], in tx: any Transaction) throws {
    _ = try tx.all(
        "SELECT id FROM products WHERE id IN \(products.list) ORDER BY id \(.alone("products"))"
    ) { try $0["id"] as Int64 }
}

/// Puts units of an order back into stock, also for an archived product.
///
/// - Throws: `Problem` 409 `stock_full`.
public func returnStock(
    _ quantity: Int64, of product: Int64, order: Int64, by actor: Int64, at now: Instant,
    in tx: any Transaction, currency: String
) throws {
    let row = try tx.first(
        """
        UPDATE products SET stock = stock + \(quantity)
        WHERE id = \(product) AND stock + \(quantity) <= 1000000000
        RETURNING stock, low_stock
        """)
    guard let row else { throw stockFull }
    let stock: Int64 = try row["stock"]
    try recordMovement(
        StockMovement(
            product: product, delta: quantity, stockAfter: stock, kind: .returned, order: order),
        by: actor, at: now, in: tx)
    try publishStock(
        of: product, from: stock - quantity, to: stock, lowStock: try row["low_stock"], by: actor,
        at: now, in: tx, currency: currency)
}

let stockFull = Problem.conflict("stock_full", "The stock would exceed its limit.")
