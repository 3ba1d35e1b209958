import Customers
import HTTP
import Service
import Storage

/// A step that an order takes as a whole, and the one status it can be taken from.
struct SaleStep: Sendable {
    let from: SaleStatus
    let to: SaleStatus
    let action: AuditAction

    // swift-format-ignore
    static let ship    = SaleStep(from: .paid,    to: .shipped,   action: .shippedSale)
    static let deliver = SaleStep(from: .shipped, to: .delivered, action: .deliveredSale)
    static let cancel = SaleStep(from: .paid, to: .cancelled, action: .cancelledSale)
}

@Sendable func shipSale(_ call: Call) throws -> Response {
    try step(call, .ship)
}

@Sendable func deliverSale(_ call: Call) throws -> Response {
    try step(call, .deliver)
}

private func step(_ call: Call, _ step: SaleStep) throws -> Response {
    let id = try call.id()
    return try call.write { tx in
        let sale = try sale(id, visibleTo: call.caller, in: tx)
        try take(step, sale, in: tx)
        try record(step.to, of: sale.id, by: call, in: tx)
        try audit(step.action, of: sale.customer, after: "\(id)", by: call, in: tx)
        return .ok(try Sales.sale(id, visibleTo: call.caller, in: tx))
    }
}

/// Moves an order on, if it stands where the step begins.
/// - Throws: `Problem` 409 `invalid_transition`.
func take(_ step: SaleStep, _ sale: Sale, in tx: any Transaction) throws {
    let moved = try tx.run(
        """
        UPDATE orders SET status = \(step.to) WHERE id = \(sale.id) AND status = \(step.from)
        """)
    guard moved == 1 else {
        throw Problem.conflict(
            "invalid_transition",
            "The order is \(sale.status.rawValue); only what is \(step.from.rawValue) can become \(step.to.rawValue)."
        )
    }
}

/// Adds to what happened to an order.
func record(
    _ status: SaleStatus, of order: Int64, amount: Money = .zero, reason: String? = nil,
    by call: Call,
    in tx: any Transaction
) throws {
    try tx.run(
        """
        INSERT INTO order_events (order_id, status, amount, reason, actor_id, created_at)
        VALUES (\(order), \(status), \(amount), \(reason.stored), \(call.caller.id), \(call.now))
        """)
}
