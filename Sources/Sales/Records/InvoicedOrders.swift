public import Storage
import Values

/// The number of orders for which the statements are prepared, beside one order.
private let ordersAtOnce = 32

/// Returns orders with their lines and refunds, by id.
///
/// In a write the orders stay as they are until the transaction ends. An erasure of a buyer waits, and
/// then removes what was published about them.
/// - Throws: `StoreError`.
public func invoicedOrders(_ ids: [Int64], in tx: any Transaction) throws -> [InvoicedOrder] {
    let list = ids.list(filledTo: ordersAtOnce)
    var orders = try tx.all(
        InvoicedOrder.self, "WHERE orders.id IN \(list) ORDER BY orders.id \(.alone("orders"))")
    guard !orders.isEmpty else { return [] }
    // After the orders are locked: a join would show the name before an erasure that held it.
    let names = try usernames(of: orders.map(\.customer), in: tx)
    let lines = try invoicedLines(of: list, in: tx)
    let history = try InvoicedHistory(of: list, in: tx)
    for index in orders.indices {
        let order = orders[index]
        orders[index].username = names[order.customer] ?? ""
        orders[index].lines = lines[order.id] ?? []
        orders[index].refunds = history.refunds[order.id] ?? []
        orders[index].shippedAt = history.shippedAt[order.id]
    }
    return orders
}

private func usernames(of customers: [Int64], in tx: any Transaction) throws -> [Int64: String] {
    var names: [Int64: String] = [:]
    let list = customers.list(filledTo: ordersAtOnce)
    try tx.each("SELECT id, username FROM customers WHERE id IN \(list)") { row in
        names[try row["id"]] = try row["username"]
        return true
    }
    return names
}

private func invoicedLines(of orders: SQL, in tx: any Transaction) throws -> [Int64: [InvoicedLine]]
{
    var lines: [Int64: [InvoicedLine]] = [:]
    try tx.each(
        """
        SELECT \(OrderLine.columns) FROM order_lines
        WHERE order_id IN \(orders) ORDER BY order_id, product_id
        """
    ) { row in
        lines[try row["order_id"], default: []].append(InvoicedLine(try OrderLine(row, ())))
        return true
    }
    return lines
}

/// The refunds, and the time of the first shipment, of each order.
private struct InvoicedHistory {
    var refunds: [Int64: [InvoicedRefund]] = [:]
    var shippedAt: [Int64: Instant] = [:]

    init(of orders: SQL, in tx: any Transaction) throws {
        let units = Dictionary(
            grouping: try tx.all(
                """
                SELECT event_id, product_id, units_before, quantity FROM refund_lines
                WHERE order_id IN \(orders) ORDER BY order_id, product_id, units_before
                """
            ) {
                (
                    event: try $0["event_id"] as Int64?,
                    units: RefundedUnits(
                        product: try $0["product_id"], before: try $0["units_before"],
                        quantity: try $0["quantity"])
                )
            }, by: \.event)
        try tx.each(
            """
            SELECT order_id, id, status, amount, created_at FROM order_events
            WHERE order_id IN \(orders) ORDER BY order_id, id
            """
        ) { row in
            let (order, event): (Int64, Int64) = (try row["order_id"], try row["id"])
            switch try row["status"] as OrderStatus {
            case .refunded, .cancelled:
                refunds[order, default: []].append(
                    InvoicedRefund(
                        id: event, amount: try row["amount"], createdAt: try row["created_at"],
                        units: units[event, default: []].map(\.units)))
            case .shipped where shippedAt[order] == nil: shippedAt[order] = try row["created_at"]
            default: break
            }
            return true
        }
    }
}

extension InvoicedLine {
    fileprivate init(_ line: OrderLine) {
        self.init(
            product: line.product, name: line.name, sku: line.sku, unitPrice: line.unitPrice,
            quantity: line.quantity, discount: line.discount, tax: line.tax,
            taxRate: line.taxRate, taxName: line.taxName, total: line.total)
    }
}
