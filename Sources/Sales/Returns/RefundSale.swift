import Customers
import HTTP
import Inventory
import Service
import Storage
import Values

/// The body of `POST /sales/{id}/refund`: these units, or all that is left.
struct Refund: Input {
    let items: [Order.Item]?
    let restock: Bool
    let reason: String

    init(_ fields: inout Fields) {
        items = fields.optionalList(
            "items", count: 1...100, of: Order.Item.self, distinct: "product_id")
        restock = fields.required("restock", .flag)
        reason = fields.required("reason", .line(1...500))
    }
}

/// Units of a line that come back.
struct Return: Sendable {
    let line: SaleLine
    let quantity: Int64
}

/// The handler of `POST /sales/{id}/refund`.
func refundSale(
    _ observers: [ReturnObserver]
) -> @Sendable (Refund, Call, any Transaction) throws -> Response {
    { refund, call, tx in try refundSale(refund, call, in: tx, observers) }
}

private func refundSale(
    _ refund: Refund, _ call: Call, in tx: any Transaction, _ observers: [ReturnObserver]
) throws -> Response {
    let id = try call.id()
    let sale = try sale(id, visibleTo: call.caller, in: tx)
    try call.refuseOwnAccount(sale.customer)
    try call.requireMatch(sale)
    let returns = try returns(refund, of: sale)
    let amount = try giveBack(
        returns, of: sale, restock: refund.restock, by: call, in: tx, observers)
    try record(.refunded, of: id, amount: amount, reason: refund.reason, by: call, in: tx)
    let unitsLeft = sale.lines.reduce(0) { $0 + $1.left }
    if returns.reduce(0, { $0 + $1.quantity }) == unitsLeft {
        try take(.refund, sale, in: tx)
    }
    try audit(
        .refundedOrder, of: sale.customer, on: "/sales/\(id)", after: "\(amount.minorUnits)",
        by: call, in: tx)
    return .ok(try Sales.sale(id, visibleTo: call.caller, in: tx))
}

/// Which units a refund means.
/// - Throws: `Problem` 409 `refund_exceeds_paid` with every line that asks for more than is left.
private func returns(_ refund: Refund, of sale: Sale) throws -> [Return] {
    let left = sale.lines.filter { $0.left > 0 }
    let asked = refund.items?.map { item in
        left.first { $0.product == item.product && $0.left >= item.quantity }
            .map { Return(line: $0, quantity: item.quantity) }
    }
    let returns = asked ?? left.map { Return(line: $0, quantity: $0.left) }
    let faults = returns.indices.filter { returns[$0] == nil }.map {
        Problem.Fault(
            field: "items[\($0)].quantity", message: "is more than is left of this product")
    }
    guard faults.isEmpty, !returns.isEmpty else {
        throw Problem(
            .conflict, "refund_exceeds_paid", "That much is not left to refund.", faults: faults)
    }
    return returns.compactMap { $0 }
}

/// Gives units and their money back: lines, order, wallet, the day's report and, if wanted, the
/// shelf.
/// - Returns: the money.
/// - Throws: `Problem` 409 `refund_exceeds_paid`, `customer_erased`, `wallet_full`, `stock_full`,
///   `day_full`.
func giveBack(
    _ returns: [Return], of sale: Sale, restock: Bool, by call: Call, in tx: any Transaction,
    _ observers: [ReturnObserver]
) throws -> Money {
    var amount = Money.zero
    for item in returns {
        guard let sum = item.line.unitPrice.times(item.quantity).flatMap(amount.adding),
            try tx.run(
                """
                UPDATE order_lines SET refunded_quantity = refunded_quantity + \(item.quantity)
                WHERE order_id = \(sale.id) AND product_id = \(item.line.product)
                    AND refunded_quantity + \(item.quantity) <= quantity
                """) == 1
        else { throw Problem.conflict("refund_exceeds_paid", "That much is not left to refund.") }
        amount = sum
        if restock {
            try returnStock(
                item.quantity, of: item.line.product, order: sale.id, by: call.caller.id,
                at: call.now, in: tx)
        }
    }
    try tx.run("UPDATE orders SET refunded = refunded + \(amount) WHERE id = \(sale.id)")
    try countRefund(amount, on: Day(of: call.now), in: tx)
    if amount > .zero {
        try creditWallet(
            amount, of: sale.customer,
            for: .init(.refund, by: call.caller.id, order: sale.id, at: call.now), in: tx)
    }
    for item in returns where item.quantity == item.line.left {
        for observer in observers { try observer.returned(item.line.product, sale.customer, tx) }
    }
    return amount
}
