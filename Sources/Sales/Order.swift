import HTTP
import Service
public import Storage
import Values

/// The status of an order.
enum OrderStatus: String, Sendable, CaseIterable, Storable, JSONWritable {
    case paid
    case shipped
    case delivered
    case cancelled
    case refunded
}

/// An order.
struct Order: Sendable {
    let id: Int64
    let customer: Int64
    let username: String
    let status: OrderStatus
    let total: Money
    let refunded: Money
    let currency: String
    let createdAt: Instant
    var lines: [OrderLine]
    var events: [OrderEvent] = []
}

/// A product in an order, with its name and price at the time of the order.
struct OrderLine: Sendable {
    let product: Int64
    let name: String
    let unitPrice: Money
    let quantity: Int64
    var refundedQuantity: Int64 = 0

    /// The number of units that have not been refunded.
    var left: Int64 { quantity - refundedQuantity }
}

/// A change of an order's status, or a refund.
struct OrderEvent: Sendable {
    let status: OrderStatus
    let amount: Money
    let reason: String?
    let actor: String
    let createdAt: Instant
}

extension Order {
    /// The path of the order.
    var path: String { "/sales/\(id)" }
}

extension OrderLine: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("product_id", product)
            $0.field("name", name)
            $0.field("unit_price", unitPrice)
            $0.field("quantity", quantity)
            $0.field("refunded_quantity", refundedQuantity)
        }
    }
}

extension Order: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("username", username)
            $0.field("status", status)
            $0.field("items", lines)
            $0.field("total", total)
            $0.field("refunded", refunded)
            $0.field("currency", currency)
            $0.field("timeline", [payment] + events)
            $0.field("created_at", createdAt)
        }
    }

    /// The first event, which has no row, because an order is paid when it is created.
    private var payment: OrderEvent {
        OrderEvent(status: .paid, amount: total, reason: nil, actor: username, createdAt: createdAt)
    }
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

/// Returns an order, for its buyer and for staff.
///
/// - Throws: `Problem` 404 `order_not_found`, also for another customer's order.
func order(_ id: Int64, visibleTo caller: Caller, in tx: any Transaction) throws -> Order {
    // The buyer too: an erasure deletes the reasons that staff write.
    let order = try orders(
        "WHERE orders.id = \(id) \(.alone("orders")) \(.held("customers"))", in: tx
    ).first
    guard let order, order.username == caller.username || caller.isAtLeast(.staff) else {
        throw Problem.notFound("order_not_found", "There is no such order.")
    }
    return order
}

/// Returns the orders that `clause` selects, with their lines by product id and their events by
/// age.
func orders(_ clause: SQL, in tx: any Transaction) throws -> [Order] {
    var orders = try tx.all(Order.self, clause)
    let ids = orders.map(\.id).list
    let lines = Dictionary(
        grouping: try tx.all(
            OfOrder<OrderLine>.self,
            """
            WHERE order_id IN \(ids) ORDER BY order_id, product_id \(.alone("order_lines"))
            """),
        by: \.order)
    let events = Dictionary(
        grouping: try tx.all(
            OfOrder<OrderEvent>.self,
            "WHERE event.order_id IN \(ids) ORDER BY event.order_id, event.id"),
        by: \.order)
    for index in orders.indices {
        orders[index].lines = lines[orders[index].id, default: []].map(\.value)
        orders[index].events = events[orders[index].id, default: []].map(\.value)
    }
    return orders
}

extension Order: Record {
    static let columns: SQL = """
        orders.id, orders.customer_id, orders.status, orders.total, orders.refunded,
        orders.currency, orders.created_at, customers.username
        """
    static let source: SQL = "orders JOIN customers ON customers.id = orders.customer_id"

    init(_ row: Row, _ context: Void) throws {
        self.init(
            id: try row["id"], customer: try row["customer_id"], username: try row["username"],
            status: try row["status"], total: try row["total"], refunded: try row["refunded"],
            currency: try row["currency"], createdAt: try row["created_at"], lines: [])
    }
}

extension OrderLine: Record {
    static let columns: SQL = "order_id, product_id, name, unit_price, quantity, refunded_quantity"
    static let source: SQL = "order_lines"

    init(_ row: Row, _ context: Void) throws {
        self.init(
            product: try row["product_id"], name: try row["name"],
            unitPrice: try row["unit_price"], quantity: try row["quantity"],
            refundedQuantity: try row["refunded_quantity"])
    }
}

extension OrderEvent: Record {
    static let columns: SQL = """
        event.order_id, event.status, event.amount, event.reason, event.created_at,
        customers.username
        """
    static let source: SQL = """
        order_events AS event JOIN customers ON customers.id = event.actor_id
        """

    init(_ row: Row, _ context: Void) throws {
        self.init(
            status: try row["status"], amount: try row["amount"], reason: try row["reason"],
            actor: try row["username"], createdAt: try row["created_at"])
    }
}

/// A line or an event with the id of its order.
private struct OfOrder<Value: Record>: Record where Value.Context == Void {
    let order: Int64
    let value: Value

    static var columns: SQL { Value.columns }
    static var source: SQL { Value.source }

    init(_ row: Row, _ context: Void) throws {
        order = try row["order_id"]
        value = try Value(row)
    }
}

/// A change of an order's status, and the statuses from which it is possible.
struct OrderTransition: Sendable {
    let from: [OrderStatus]
    let to: OrderStatus

    // All transitions between statuses. An order is `refunded` once no unit of it is left; a
    // partial refund does not change the status.
    static let ship = OrderTransition(from: [.paid], to: .shipped)
    static let deliver = OrderTransition(from: [.shipped], to: .delivered)
    static let cancel = OrderTransition(from: [.paid], to: .cancelled)
    static let refund = OrderTransition(from: [.paid, .shipped, .delivered], to: .refunded)
}

/// Changes an order's status.
///
/// - Throws: `Problem` 409 `invalid_transition` if its current status does not allow it.
func advance(_ order: Order, by transition: OrderTransition, in tx: any Transaction) throws {
    guard transition.from.contains(order.status),
        try tx.run(
            """
            UPDATE orders SET status = \(transition.to)
            WHERE id = \(order.id) AND status = \(order.status)
            """) == 1
    else {
        let from = transition.from.map(\.rawValue).joined(separator: " or ")
        let (now, next) = (order.status.rawValue, transition.to.rawValue)
        throw Problem.conflict(
            "invalid_transition",
            "The order is \(now). Only an order that is \(from) can become \(next).")
    }
}

/// Adds an entry to an order's timeline.
func addEvent(
    _ status: OrderStatus, to order: Int64, amount: Money = .zero, reason: String? = nil,
    by call: Call, in tx: any Transaction
) throws {
    try tx.run(
        """
        INSERT INTO order_events (order_id, status, amount, reason, actor_id, created_at)
        VALUES (\(order), \(status), \(amount), \(reason.stored), \(call.caller.id), \(call.now))
        """)
}

/// Whether a customer has bought this product and has kept at least one unit of it.
///
/// In a write this remains so until the transaction ends: a refund waits for it.
public func hasBought(_ product: Int64, by customer: Int64, in tx: any Transaction) throws -> Bool {
    let row = try tx.first(
        """
        SELECT orders.id FROM orders JOIN order_lines ON order_lines.order_id = orders.id
        WHERE orders.customer_id = \(customer) AND order_lines.product_id = \(product)
            AND order_lines.refunded_quantity < order_lines.quantity
        LIMIT 1 \(.held("orders, order_lines"))
        """)
    return row != nil
}
