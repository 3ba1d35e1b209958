import Customers
import HTTP
import Inventory
import Service
import Storage
import Values

/// Units of an order line that are returned.
struct ReturnedLine: Sendable {
    let line: OrderLine
    let quantity: Int64
}

extension Order {
    /// All units that have not been refunded.
    var unreturnedLines: [ReturnedLine] {
        lines.filter { $0.left > 0 }.map { ReturnedLine(line: $0, quantity: $0.left) }
    }
}

/// Refunds units of an order.
///
/// The lines, the order, the wallet, the daily totals and, with `restock`, the stock change in one
/// transaction.
///
/// - Returns: the refunded amount.
/// - Throws: `Problem` 409 `refund_exceeds_paid`, `customer_erased`, `wallet_full`, `stock_full`,
///   `day_full`.
func refund(
    _ lines: [ReturnedLine], of order: Order, restock: Bool, by call: Call,
    in tx: any Transaction, _ observers: [ReturnObserver]
) throws -> Money {
    var amount = Money.zero
    for returned in lines {
        let product = returned.line.product
        guard let sum = returned.line.unitPrice.times(returned.quantity).flatMap(amount.adding),
            try tx.run(
                """
                UPDATE order_lines SET refunded_quantity = refunded_quantity + \(returned.quantity)
                WHERE order_id = \(order.id) AND product_id = \(product)
                    AND refunded_quantity + \(returned.quantity) <= quantity
                """) == 1
        else { throw refundExceedsPaid() }
        amount = sum
        if restock {
            try returnStock(
                returned.quantity, of: product, order: order.id, by: call.caller.id, at: call.now,
                in: tx)
        }
    }
    try tx.run("UPDATE orders SET refunded = refunded + \(amount) WHERE id = \(order.id)")
    try addRefundToTotals(amount, at: call.now, in: tx)
    if amount > .zero {
        try creditWallet(
            amount, of: order.customer,
            for: .init(.refund, by: call.caller.id, order: order.id, at: call.now), in: tx)
    }
    for returned in lines where returned.quantity == returned.line.left {
        for observer in observers {
            try observer.returned(returned.line.product, order.customer, tx)
        }
    }
    return amount
}

func refundExceedsPaid(_ faults: [Problem.Fault] = []) -> Problem {
    Problem(
        .conflict, "refund_exceeds_paid", "The refund exceeds the amount left to refund.",
        faults: faults)
}
