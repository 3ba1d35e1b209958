import HTTP
import Service
import Storage
import Values

/// What changed a product's stock.
enum StockMovementKind: String, Sendable, CaseIterable, Storable, JSONWritable {
    case received
    case adjusted
    case sold
    case returned
}

/// A change of a product's stock that has been made and is to be entered in its ledger.
struct StockMovement: Sendable {
    let product: Int64
    let delta: Int64
    let stockAfter: Int64
    let kind: StockMovementKind
    var reason: String?
    var order: Int64?
}

/// Enters a movement in the ledger, which is only ever added to.
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
