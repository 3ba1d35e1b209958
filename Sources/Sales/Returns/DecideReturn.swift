import Customers
import HTTP
import Outbox
import Service
import Storage

/// The body of `POST /sales/{id}/returns/{n}/decline`.
struct ReturnDecline: Input {
    let reason: String

    init(_ fields: inout Fields) {
        reason = fields.required("reason", .text(1...1000))
    }
}

@Sendable func approveReturn(_ call: Call, in tx: any Transaction) throws -> Response {
    try decideReturn(.approved, because: nil, .approvedReturn, .orderReturnApproved, call, in: tx)
}

/// Declines a return, also an approved one whose units did not arrive.
@Sendable func declineReturn(_ decline: ReturnDecline, _ call: Call, in tx: any Transaction)
    throws -> Response
{
    try decideReturn(
        .declined, because: decline.reason, .declinedReturn, .orderReturnDeclined, call, in: tx)
}

/// Approves or declines the return in the path, for staff.
///
/// - Throws: `Problem` 403 `own_account`, 404 `order_not_found`, `return_not_found`, 409
///   `invalid_transition`.
private func decideReturn(
    _ status: ReturnStatus, because reason: String?, _ action: AuditAction, _ type: EventType,
    _ call: Call, in tx: any Transaction
) throws -> Response {
    let order = try order(call.id(), visibleTo: call.caller, in: tx)
    try call.refuseOwnOrder(order)
    let current = try order.orderReturn(of: call)
    try call.requireMatch(current)
    try current.requireStatus(
        status == .declined ? [.requested, .approved] : [.requested], toBecome: status)
    try tx.run(
        """
        UPDATE order_returns SET status = \(status), decline_reason = \(reason.stored),
            decided_at = \(call.now)
        WHERE id = \(current.row)
        """)
    try audit(
        action, of: order.owner, on: "\(order.path)/returns/\(current.number)",
        before: current.status.rawValue, after: status.rawValue, by: call, in: tx)
    return .ok(try changedReturn(current.number, of: order, type, by: call, in: tx))
}

extension OrderReturn {
    /// - Throws: `Problem` 409 `invalid_transition` if it has none of these statuses.
    func requireStatus(_ former: [ReturnStatus], toBecome next: ReturnStatus) throws {
        guard former.contains(status) else {
            let from = former.map(\.rawValue).joined(separator: " or ")
            throw Problem.conflict(
                "invalid_transition",
                """
                The return is \(status.rawValue). Only a return that is \(from) can become \
                \(next.rawValue).
                """)
        }
    }
}
