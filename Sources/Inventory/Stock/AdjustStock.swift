import HTTP
import Service
import Storage
import Values

/// The body of `POST /inventory/{id}/stock`.
struct StockAdjustment {
    let delta: Int64
    let reason: String
}

extension StockAdjustment: Input {
    init(_ fields: inout Fields) {
        delta = fields.required("delta", .integer(-1_000_000_000...1_000_000_000))
        reason = fields.required("reason", .line(1...500))
        if delta == 0 { fields.fault("delta", "must not be 0") }
    }
}

@Sendable func adjustStock(_ adjustment: StockAdjustment, _ call: Call, in tx: any Transaction)
    throws -> Response
{
    let id = try call.id()
    try adjustStock(
        of: id, adjustment, by: call.caller.id, at: call.now, in: tx, currency: call.shop.currency)
    try audit(.adjustedStock, product: id, after: "\(adjustment.delta)", by: call, in: tx)
    let shown = try tx.first(
        ShownMovement.self, "WHERE movement.product_id = \(id) ORDER BY movement.id DESC LIMIT 1")
    return .created(shown, at: "/inventory/\(id)/movements")
}

/// Changes the stock by hand.
///
/// An increase is recorded as received, a decrease as adjusted.
///
/// - Throws: `Problem` 404 `product_not_found`; 409 `product_archived`, `insufficient_stock`; 409
///   `stock_full` beyond 10⁹ units.
func adjustStock(
    of product: Int64, _ adjustment: StockAdjustment, by actor: Int64, at now: Instant,
    in tx: any Transaction, currency: String
) throws {
    let row = try tx.first(
        """
        UPDATE products SET stock = stock + \(adjustment.delta)
        WHERE id = \(product) AND archived_at IS NULL
            AND stock + \(adjustment.delta) BETWEEN 0 AND 1000000000
        RETURNING stock, low_stock
        """)
    guard let row else {
        guard try isOnSale(product, in: tx) else {
            throw try exists(product, in: tx) ? productArchived : productNotFound
        }
        throw adjustment.delta < 0
            ? Problem.conflict("insufficient_stock", "The stock would fall below 0.")
            : stockFull
    }
    let stock: Int64 = try row["stock"]
    try recordMovement(
        StockMovement(
            product: product, delta: adjustment.delta, stockAfter: stock,
            kind: adjustment.delta > 0 ? .received : .adjusted, reason: adjustment.reason),
        by: actor, at: now, in: tx)
    try publishAdjustment(
        of: product, from: stock - adjustment.delta, to: stock, lowStock: try row["low_stock"],
        by: actor, at: now, in: tx, currency: currency)
}

private func exists(_ product: Int64, in tx: any Transaction) throws -> Bool {
    try tx.first("SELECT id FROM products WHERE id = \(product)") != nil
}
