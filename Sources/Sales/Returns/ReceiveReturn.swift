import Customers
import HTTP
import Outbox
import Service
import Storage

/// The body of `POST /sales/{id}/returns/{n}/receive`: the units that came back, or all.
struct ReturnReceipt: Input {
    let items: [OrderItem]?
    let restock: Bool
    /// Whether shipping is refunded as well; nil if it is when a withdrawal leaves no unit.
    let shipping: Bool?

    init(_ fields: inout Fields) {
        items = fields.optionalList(
            "items", count: 1...100, of: OrderItem.self, distinct: "product_id")
        restock = fields.required("restock", .flag)
        shipping = fields.optional("shipping", .flag)
    }
}

/// The handler of `POST /sales/{id}/returns/{n}/receive`, which refunds the received units.
func receiveReturn(
    _ observers: [ReturnObserver]
) -> @Sendable (ReturnReceipt, Call, any Transaction) throws -> Response {
    { receipt, call, tx in
        var order = try order(call.id(), visibleTo: call.caller, in: tx)
        try call.refuseOwnOrder(order)
        let current = try order.orderReturn(of: call)
        try call.requireMatch(current)
        try current.requireStatus([.approved], toBecome: .received)
        guard order.paidAt != nil else { throw refundExceedsPaid() }
        let received = try receivedUnits(receipt.items, of: current, in: order)
        try enter(received, of: current, into: &order, by: call, in: tx)
        let lines = order.lines.compactMap { line in
            received.first { $0.product == line.product }.map {
                ReturnedLine(line: line, quantity: $0.quantity)
            }
        }
        let isLast = lines.reduce(0) { $0 + $1.quantity } == order.unitsLeft
        let amount = try refund(
            lines, shipping: receipt.shipping ?? (isLast && current.kind == .withdrawal),
            of: order, restock: receipt.restock, to: .source, by: call, in: tx, observers)
        try addEvent(
            .refunded, to: order.id, amount: amount, reason: "Return \(current.number)", by: call,
            in: tx)
        if isLast { try advance(order, by: .refund, in: tx) }
        try audit(
            .receivedReturn, of: order.owner, on: "\(order.path)/returns/\(current.number)",
            after: "\(amount.minorUnits)", by: call, in: tx)
        let refunded = try Sales.order(order.id, visibleTo: call.caller, in: tx)
        try publish(.orderRefunded, on: order.path, refunded, of: order.customer, by: call, in: tx)
        return .ok(
            try changedReturn(
                current.number, of: order, .orderReturnReceived, by: call, in: tx))
    }
}

/// Returns the units that came back, or all of the return.
///
/// - Throws: `Problem` 409 `return_exceeds_order` with every item that exceeds the return, or the
///   units that have not been refunded since.
private func receivedUnits(
    _ items: [OrderItem]?, of current: OrderReturn, in order: Order
) throws -> [ProductUnits] {
    let units =
        items?.map { ProductUnits(product: $0.product, quantity: $0.quantity) }
        ?? current.items.map { ProductUnits(product: $0.product, quantity: $0.quantity) }
    let places = units.indices.filter { index in
        let (product, quantity) = (units[index].product, units[index].quantity)
        let asked = current.items.first { $0.product == product }?.quantity ?? 0
        let line = order.lines.first { $0.product == product }
        return quantity > min(asked, line?.unitsAtCustomer ?? 0)
    }
    guard places.isEmpty else { throw returnExceedsOrder(items == nil ? [] : places) }
    return units
}

/// Enters units that came back into the return and the lines of the order.
private func enter(
    _ units: [ProductUnits], of current: OrderReturn, into order: inout Order, by call: Call,
    in tx: any Transaction
) throws {
    try tx.run(
        """
        UPDATE order_returns SET status = \(ReturnStatus.received), received_at = \(call.now)
        WHERE id = \(current.row)
        """)
    for item in units.sorted(by: { $0.product < $1.product }) {
        try tx.run(
            """
            UPDATE order_return_lines SET received_quantity = \(item.quantity)
            WHERE return_id = \(current.row) AND product_id = \(item.product)
            """)
        try tx.run(
            """
            UPDATE order_lines SET returned_quantity = returned_quantity + \(item.quantity)
            WHERE order_id = \(order.id) AND product_id = \(item.product)
            """)
        for index in order.lines.indices where order.lines[index].product == item.product {
            order.lines[index].returnedQuantity += item.quantity
        }
    }
}
