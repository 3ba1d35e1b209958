import Customers
import HTTP
import Inventory
import Outbox
import Service
public import Storage
import Values

/// The body of `POST /sales/{id}/refund`: some units, or all that have not been refunded.
struct Refund: Input {
    let items: [OrderItem]?
    /// Whether shipping is refunded as well; nil if it is only in a refund of everything.
    let shipping: Bool?
    let restock: Bool
    let reason: String

    init(_ fields: inout Fields) {
        items = fields.optionalList(
            "items", count: 0...100, of: OrderItem.self, distinct: "product_id")
        shipping = fields.optional("shipping", .flag)
        if items?.isEmpty == true, shipping != true, !fields.hasFaults {
            fields.fault("items", "must be a list of 1 to 100 objects, unless shipping is true")
        }
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
        guard order.paidAt != nil else { throw refundExceedsPaid() }
        let lines = try returnedLines(body.items, of: order)
        let isShippingRefunded = body.shipping ?? (body.items == nil)
        guard !lines.isEmpty || isShippingRefunded && order.shippingLeft > .zero else {
            throw refundExceedsPaid()
        }
        let amount = try refund(
            lines, shipping: isShippingRefunded, of: order, restock: body.restock, by: call,
            in: tx, observers)
        try addEvent(
            .refunded, to: order.id, amount: amount, reason: body.reason, by: call, in: tx)
        if !lines.isEmpty, lines.reduce(0, { $0 + $1.quantity }) == order.unitsLeft {
            try advance(order, by: .refund, in: tx)
        }
        try audit(
            .refundedOrder, of: order.customer, on: "/sales/\(order.id)",
            after: "\(amount.minorUnits)", by: call, in: tx)
        let refunded = try Sales.order(order.id, visibleTo: call.caller, in: tx)
        try publish(.orderRefunded, on: order.path, refunded, of: order.customer, by: call, in: tx)
        return .ok(refunded)
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
    guard faults.isEmpty else { throw refundExceedsPaid(faults) }
    return lines.compactMap { $0 }
}

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

    /// The number of units that have not been refunded.
    var unitsLeft: Int64 { lines.reduce(0) { $0 + $1.left } }

    /// The status after `refunded` of the total has been refunded.
    ///
    /// A free order counts as refunded when nothing of it is left.
    func paymentStatus(refunded: Money, isNothingLeft: Bool) -> PaymentStatus {
        if refunded == amounts.total, refunded > .zero || isNothingLeft { return .refunded }
        return refunded > .zero ? .partiallyRefunded : .paid
    }
}

/// Refunds units of an order, and what is left of its shipping.
///
/// A line pays back its exact share, so the refunds of all units add up to what was paid. The
/// lines, the order, the wallet, the daily totals and, with `restock`, the stock change in one
/// transaction.
///
/// - Returns: the refunded amount.
/// - Throws: `Problem` 409 `refund_exceeds_paid`, `customer_erased`, `wallet_full`, `stock_full`,
///   `day_full`.
func refund(
    _ lines: [ReturnedLine], shipping: Bool, of order: Order, restock: Bool, by call: Call,
    in tx: any Transaction, _ observers: [ReturnObserver]
) throws -> Money {
    let shippingAmount = shipping ? order.shippingLeft : .zero
    var amount = shippingAmount
    // In the order of ids and before the wallet and the day, so that no two transactions deadlock.
    for returned in lines.sorted(by: { $0.line.product < $1.line.product }) {
        let product = returned.line.product
        guard
            try tx.run(
                """
                UPDATE order_lines SET refunded_quantity = refunded_quantity + \(returned.quantity)
                WHERE order_id = \(order.id) AND product_id = \(product)
                    AND refunded_quantity + \(returned.quantity) <= quantity
                """) == 1
        else { throw refundExceedsPaid() }
        amount = amount &+ returned.line.refund(of: returned.quantity)
        if restock {
            try returnStock(
                returned.quantity, of: product, order: order.id, by: call.caller.id, at: call.now,
                in: tx, currency: call.shop.currency)
        }
    }
    let refunded = order.refunded &+ amount
    let isNothingLeft = order.unitsLeft == lines.reduce(0) { $0 + $1.quantity }
    try tx.run(
        """
        UPDATE orders SET refunded = \(refunded),
            refunded_shipping = \(order.refundedShipping &+ shippingAmount),
            payment_status = \(order.paymentStatus(refunded: refunded, isNothingLeft: isNothingLeft))
        WHERE id = \(order.id)
        """)
    if amount > .zero {
        try creditWallet(
            amount, of: order.customer,
            for: .init(.refund, by: call.caller.id, order: order.id, at: call.now), in: tx)
    }
    try addRefundToTotals(amount, at: call.now, in: tx)
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

/// An action of a slice above this one when all units of a product in an order are returned.
///
/// It runs in the transaction of the refund or cancellation. Sales cannot call the slices above it,
/// so the `main` of the responder passes these values in.
public struct ReturnObserver: Sendable {
    let returned: @Sendable (_ product: Int64, _ customer: Int64, any Transaction) throws -> Void

    /// Creates an observer; `returned` gets the ids of the product and of the customer.
    public init(
        _ returned: @escaping @Sendable (Int64, Int64, any Transaction) throws -> Void
    ) {
        self.returned = returned
    }
}
