import Service
public import Storage
public import Values

/// Pieces that have left the shelf, at the price and under the name of that moment.
public struct TakenStock: Sendable {
    /// The product's id.
    public let product: Int64
    /// Its name as sold.
    public let name: String
    /// Its price per piece as sold.
    public let unitPrice: Money
    /// How many pieces.
    public let quantity: Int64
    let stockAfter: Int64
}

/// Takes pieces off the shelf, if it holds as many.
/// - Returns: nil where it does not, or where there is no such product on sale.
public func takeStock(_ quantity: Int64, of product: Int64, in tx: any Transaction) throws
    -> TakenStock?
{
    let count = try tx.run(
        """
        UPDATE products SET stock = stock - \(quantity)
        WHERE id = \(product) AND stock >= \(quantity) AND archived_at IS NULL
        """)
    guard count == 1 else { return nil }
    // Two statements are less work than one with RETURNING, and a transaction lets nobody between.
    let row = try tx.first("SELECT name, price, stock FROM products WHERE id = \(product)")
    return try row.map {
        TakenStock(
            product: product, name: try $0["name"], unitPrice: try $0["price"], quantity: quantity,
            stockAfter: try $0["stock"])
    }
}

/// Enters what was taken in the stock ledger, once its order has an id.
public func enterSoldStock(
    of taken: [TakenStock], order: Int64, by buyer: Int64, at now: Instant, in tx: any Transaction
) throws {
    for line in taken {
        try recordMovement(
            StockMovement(
                product: line.product, delta: -line.quantity, stockAfter: line.stockAfter,
                kind: .sold,
                order: order), by: buyer, at: now, in: tx)
    }
}

/// The present price of a product that is there.
public func price(of product: Int64, in tx: any Transaction) throws -> Money {
    try tx.first("SELECT price FROM products WHERE id = \(product)")?["price"] ?? .zero
}

/// Whether there is such a product, and it is not archived.
public func isOnSale(_ product: Int64, in tx: any Transaction) throws -> Bool {
    try tx.first("SELECT id FROM products WHERE id = \(product) AND archived_at IS NULL") != nil
}
