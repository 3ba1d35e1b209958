import Customers
import HTTP
import Service
import Storage
import Values

/// A change of an order's status, or a refund.
struct OrderEvent: Sendable {
    let status: OrderStatus
    let amount: Money
    let reason: String?
    /// Nil for the shop itself and for a guest.
    let actor: String?
    let createdAt: Instant
}

extension OrderEvent: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("status", status)
            $0.field("amount", amount)
            $0.field("reason", reason)
            $0.field("actor", actor)
            $0.field("at", createdAt)
        }
    }
}

extension OrderEvent: Record {
    static let columns: SQL = """
        event.order_id, event.status, event.amount, event.reason, event.created_at,
        customers.username
        """
    static let source: SQL = """
        order_events AS event LEFT JOIN customers ON customers.id = event.actor_id
        """

    init(_ row: Row, _ context: Void) throws {
        self.init(
            status: try row["status"], amount: try row["amount"], reason: try row["reason"],
            actor: (try row["username"] as String?).flatMap { isGuest($0) ? nil : $0 },
            createdAt: try row["created_at"])
    }
}

/// Adds an entry to an order's timeline.
func addEvent(
    _ status: OrderStatus, to order: Int64, amount: Money = .zero, reason: String? = nil,
    by call: Call, in tx: any Transaction
) throws {
    try addEvent(
        status, to: order, amount: amount, reason: reason, by: call.caller.id, at: call.now, in: tx)
}

/// Adds an entry to an order's timeline; `actor` is nil for the shop itself.
func addEvent(
    _ status: OrderStatus, to order: Int64, amount: Money = .zero, reason: String? = nil,
    by actor: Int64?, at now: Instant, in tx: any Transaction
) throws {
    let event = try tx.insert(
        """
        INSERT INTO order_events (order_id, status, amount, reason, actor_id, created_at)
        VALUES (\(order), \(status), \(amount), \(reason.stored), \(actor.stored), \(now))
        """)
    if status == .refunded || status == .cancelled {
        try nameRefund(event, of: order, in: tx)
    }
}
