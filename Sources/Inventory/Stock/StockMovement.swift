import HTTP
import Service
import Storage
import Values

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
    try tx.run(
        """
        INSERT INTO stock_movements (product_id, delta, stock_after, kind, reason, order_id, actor_id, created_at)
        VALUES (\(movement.product), \(movement.delta), \(movement.stockAfter), \(movement.kind),
            \(movement.reason.stored), \(movement.order.stored), \(actor), \(now))
        """)
}
