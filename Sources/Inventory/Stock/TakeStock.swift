import Service
public import Storage
public import Values

/// Units taken from stock, with the name and price of the product at that time.
public struct TakenStock: Sendable {
    /// The product's id.
    public let product: Int64
    /// The name of the product at the time of the order.
    public let name: String
    /// The price of one unit at the time of the order.
    public let unitPrice: Money
    /// The number of units.
    public let quantity: Int64
    let stockAfter: Int64
}

/// Takes units from stock, if there are enough.
///
/// - Returns: nil if the stock is too low, or no such product is on sale.
public func takeStock(_ quantity: Int64, of product: Int64, in tx: any Transaction) throws
    -> TakenStock?
{
    let count = try tx.run(
        """
        UPDATE products SET stock = stock - \(quantity)
        WHERE id = \(product) AND stock >= \(quantity) AND archived_at IS NULL
        """)
    guard count == 1 else { return nil }
    // Two statements cost less than one with RETURNING, and the transaction excludes other writers.
    let row = try tx.first("SELECT name, price, stock FROM products WHERE id = \(product)")
    return try row.map {
        TakenStock(
            product: product, name: try $0["name"], unitPrice: try $0["price"], quantity: quantity,
            stockAfter: try $0["stock"])
    }
}

/// Adds the taken units to the stock ledger, once their order has an id.
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

/// Returns the current price of a product that exists.
public func price(of product: Int64, in tx: any Transaction) throws -> Money {
    try tx.first("SELECT price FROM products WHERE id = \(product)")?["price"] ?? .zero
}

/// Whether a product exists and is not archived.
public func isOnSale(_ product: Int64, in tx: any Transaction) throws -> Bool {
    try tx.first("SELECT id FROM products WHERE id = \(product) AND archived_at IS NULL") != nil
}
