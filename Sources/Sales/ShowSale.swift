import HTTP
import Service
import Storage

@Sendable func showSale(_ call: Call, in tx: any Transaction) throws -> Response {
    .ok(try sale(call.id(), visibleTo: call.caller, in: tx))
}

/// An order, for its owner and for staff.
/// - Throws: `Problem` 404 `order_not_found`, the same whether there is none or it is another's.
func sale(_ id: Int64, visibleTo caller: Caller, in tx: any Transaction) throws -> Sale {
    let sale = try sales("WHERE orders.id = \(id)", in: tx).first
    guard let sale, sale.username == caller.username || caller.isAtLeast(.staff) else {
        throw Problem.notFound("order_not_found", "There is no such sale.")
    }
    return sale
}

/// The orders that `rest` selects, with their lines in the order of the products' ids and their
/// events, oldest first.
func sales(_ rest: SQL, in tx: any Transaction) throws -> [Sale] {
    let sales = try tx.all(
        """
        SELECT orders.id, orders.customer_id, orders.status, orders.total, orders.refunded,
            orders.currency, orders.created_at, customers.username
        FROM orders JOIN customers ON customers.id = orders.customer_id
        \(rest)
        """
    ) { row in
        Sale(
            id: try row["id"], customer: try row["customer_id"], username: try row["username"],
            status: try row["status"], total: try row["total"], refunded: try row["refunded"],
            currency: try row["currency"], createdAt: try row["created_at"], lines: [])
    }
    let ids = sales.map(\.id).list
    let lines = try lines(of: ids, in: tx)
    let events = try events(of: ids, in: tx)
    return sales.map {
        var sale = $0
        sale.lines = (lines[sale.id] ?? []).map(\.line)
        sale.events = (events[sale.id] ?? []).map(\.event)
        return sale
    }
}

private func lines(
    of orders: SQL, in tx: any Transaction
) throws -> [Int64: [(order: Int64, line: SaleLine)]] {
    let rows = try tx.all(
        """
        SELECT order_id, product_id, name, unit_price, quantity, refunded_quantity
        FROM order_lines
        WHERE order_id IN \(orders) ORDER BY order_id, product_id
        """
    ) { row in
        (
            order: try row["order_id"] as Int64,
            line: SaleLine(
                product: try row["product_id"], name: try row["name"],
                unitPrice: try row["unit_price"], quantity: try row["quantity"],
                refundedQuantity: try row["refunded_quantity"])
        )
    }
    return Dictionary(grouping: rows, by: \.order)
}

private func events(
    of orders: SQL, in tx: any Transaction
) throws -> [Int64: [(order: Int64, event: SaleEvent)]] {
    let rows = try tx.all(
        """
        SELECT event.order_id, event.status, event.amount, event.reason, event.created_at,
            customers.username
        FROM order_events AS event JOIN customers ON customers.id = event.actor_id
        WHERE event.order_id IN \(orders) ORDER BY event.order_id, event.id
        """
    ) { row in
        (
            order: try row["order_id"] as Int64,
            event: SaleEvent(
                status: try row["status"], amount: try row["amount"], reason: try row["reason"],
                actor: try row["username"], createdAt: try row["created_at"])
        )
    }
    return Dictionary(grouping: rows, by: \.order)
}
