import HTTP
import Service
import Storage

@Sendable func showSale(_ call: Call) throws -> Response {
    let id = try call.id()
    let sale = try call.read { tx in
        try sales("WHERE orders.id = \(id)", in: tx).first
    }
    guard let sale, sale.username == call.caller.username || call.caller.isAtLeast(.staff) else {
        throw Problem.notFound("sale_not_found", "There is no such sale.")
    }
    return .ok(sale)
}

/// The orders that `rest` selects, with their lines in the order of the products' ids.
func sales(_ rest: SQL, in tx: any Transaction) throws -> [Sale] {
    let sales = try tx.all(
        """
        SELECT orders.id, orders.status, orders.total, orders.refunded, orders.currency, orders.created_at,
            customers.username
        FROM orders JOIN customers ON customers.id = orders.customer_id
        \(rest)
        """
    ) { row in
        Sale(
            id: try row["id"], username: try row["username"], status: try row["status"],
            total: try row["total"], refunded: try row["refunded"], currency: try row["currency"],
            createdAt: try row["created_at"], lines: [])
    }
    let lines = Dictionary(
        grouping: try tx.all(
            """
            SELECT order_id, product_id, name, unit_price, quantity FROM order_lines
            WHERE order_id IN \(sales.map(\.id).list) ORDER BY order_id, product_id
            """
        ) { row in
            (
                order: try row["order_id"] as Int64,
                line: SaleLine(
                    product: try row["product_id"], name: try row["name"],
                    unitPrice: try row["unit_price"],
                    quantity: try row["quantity"])
            )
        }, by: \.order)
    return sales.map {
        var sale = $0
        sale.lines = (lines[sale.id] ?? []).map(\.line)
        return sale
    }
}
