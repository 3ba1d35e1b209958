import Customers
import HTTP
import Service
import Storage

/// The body of `POST /sales/{id}/refund`: some units, or all that have not been refunded.
struct Refund: Input {
    let items: [OrderItem]?
    let restock: Bool
    let reason: String

    init(_ fields: inout Fields) {
        items = fields.optionalList(
            "items", count: 1...100, of: OrderItem.self, distinct: "product_id")
        restock = fields.required("restock", .flag)
        reason = fields.required("reason", .line(1...500))
    }
}

/// The handler of `POST /sales/{id}/refund`.
func refundOrder(
    _ observers: [ReturnObserver]
) -> @Sendable (Refund, Call, any Transaction) throws -> Response {
    { body, call, tx in
        let order = try order(call.id(), visibleTo: call.caller, in: tx)
        try call.refuseOwnAccount(order.customer)
        try call.requireMatch(order)
        let lines = try returnedLines(body.items, of: order)
        let amount = try refund(
            lines, of: order, restock: body.restock, by: call, in: tx, observers)
        try addEvent(
            .refunded, to: order.id, amount: amount, reason: body.reason, by: call, in: tx)
        let unitsLeft = order.lines.reduce(0) { $0 + $1.left }
        if lines.reduce(0, { $0 + $1.quantity }) == unitsLeft {
            try advance(order, by: .refund, in: tx)
        }
        try audit(
            .refundedOrder, of: order.customer, on: "/sales/\(order.id)",
            after: "\(amount.minorUnits)", by: call, in: tx)
        return .ok(try Sales.order(order.id, visibleTo: call.caller, in: tx))
    }
}

/// Returns the lines that a refund names, or all lines with units left.
///
/// - Throws: `Problem` 409 `refund_exceeds_paid` with every item that exceeds the units left.
private func returnedLines(_ items: [OrderItem]?, of order: Order) throws -> [ReturnedLine] {
    let left = order.unreturnedLines
    let named = items?.map { item in
        left.first { $0.line.product == item.product && $0.quantity >= item.quantity }
            .map { ReturnedLine(line: $0.line, quantity: item.quantity) }
    }
    let lines = named ?? left
    let faults = lines.indices.filter { lines[$0] == nil }.map {
        Problem.Fault(
            field: "items[\($0)].quantity", message: "exceeds what is left of this product")
    }
    guard faults.isEmpty, !lines.isEmpty else { throw refundExceedsPaid(faults) }
    return lines.compactMap { $0 }
}
