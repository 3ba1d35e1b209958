import HTTP
import Service
import Storage
import Values

@Sendable func getOrder(_ call: Call, in tx: any Transaction) throws -> Response {
    .ok(try order(call.id(), visibleTo: call.caller, in: tx))
}

/// Returns an order, for its buyer and for staff.
///
/// - Throws: `Problem` 404 `order_not_found`, also for another customer's order.
func order(_ id: Int64, visibleTo caller: Caller, in tx: any Transaction) throws -> Order {
    let order = try orders("WHERE orders.id = \(id)", in: tx).first
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
            OfOrder<OrderLine>.self, "WHERE order_id IN \(ids) ORDER BY order_id, product_id"),
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
