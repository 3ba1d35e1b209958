import HTTP
import Service
public import Storage
public import Values

/// Puts units of an order back into stock, also for an archived product.
///
/// - Throws: `Problem` 409 `stock_full`.
public func returnStock(
    _ quantity: Int64, of product: Int64, order: Int64, by actor: Int64, at now: Instant,
    in tx: any Transaction
) throws {
    let row = try tx.first(
        """
        UPDATE products SET stock = stock + \(quantity)
        WHERE id = \(product) AND stock + \(quantity) <= 1000000000
        RETURNING stock
        """)
    guard let row else { throw stockFull }
    try recordMovement(
        StockMovement(
            product: product, delta: quantity, stockAfter: try row["stock"], kind: .returned,
            order: order), by: actor, at: now, in: tx)
}

let stockFull = Problem.conflict("stock_full", "The stock would exceed its limit.")
