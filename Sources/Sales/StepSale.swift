import Customers
import HTTP
import Service
import Storage
import Values

/// A step that an order takes as a whole, and the statuses it can be taken from.
struct SaleStep: Sendable {
    let from: [SaleStatus]
    let to: SaleStatus
    let action: AuditAction

    // Every way from one status to another. An order is refunded once nothing of it is left; a part
    // leaves it where it is.
    // swift-format-ignore
    static let ship    = SaleStep(from: [.paid],                       to: .shipped,   action: .shippedOrder)
    // swift-format-ignore
    static let deliver = SaleStep(from: [.shipped],                    to: .delivered, action: .deliveredOrder)
    // swift-format-ignore
    static let cancel  = SaleStep(from: [.paid],                       to: .cancelled, action: .cancelledOrder)
    // swift-format-ignore
    static let refund  = SaleStep(from: [.paid, .shipped, .delivered], to: .refunded,  action: .refundedOrder)
}

@Sendable func shipSale(_ call: Call, in tx: any Transaction) throws -> Response {
    try step(.ship, call, in: tx)
}

@Sendable func deliverSale(_ call: Call, in tx: any Transaction) throws -> Response {
    try step(.deliver, call, in: tx)
}

private func step(
    _ step: SaleStep, _ call: Call, in tx: any Transaction
) throws -> Response {
    let id = try call.id()
    let sale = try sale(id, visibleTo: call.caller, in: tx)
    try call.refuseOwnAccount(sale.customer)
    try call.requireMatch(sale)
    try take(step, sale, in: tx)
    try record(step.to, of: sale.id, by: call, in: tx)
    try audit(
        step.action, of: sale.customer, on: "/sales/\(id)", before: sale.status.rawValue,
        after: step.to.rawValue, by: call, in: tx)
    return .ok(try Sales.sale(id, visibleTo: call.caller, in: tx))
}

/// Moves an order on, if it stands where the step begins.
/// - Throws: `Problem` 409 `invalid_transition`.
func take(_ step: SaleStep, _ sale: Sale, in tx: any Transaction) throws {
    let isNext = step.from.contains(sale.status)
    let moved = try tx.run(
        """
        UPDATE orders SET status = \(step.to)
        WHERE id = \(sale.id) AND status = \(sale.status) AND \(isNext)
        """)
    guard moved == 1 else {
        let from = step.from.map(\.rawValue).joined(separator: " or ")
        throw Problem.conflict(
            "invalid_transition",
            "The order is \(sale.status.rawValue); only what is \(from) can become \(step.to.rawValue)."
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
