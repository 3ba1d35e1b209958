import Coupons
import Customers
import HTTP
import Inventory
import Outbox
import Payments
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
    let target: RefundTarget

    init(_ fields: inout Fields) {
        items = fields.optionalList(
            "items", count: 0...100, of: OrderItem.self, distinct: "product_id")
        shipping = fields.optional("shipping", .flag)
        if items?.isEmpty == true, shipping != true, !fields.hasFaults {
            fields.fault("items", "must be a list of 1 to 100 objects, unless shipping is true")
        }
        restock = fields.required("restock", .flag)
        reason = fields.required("reason", .line(1...500))
        target = fields.optional("to", .choice(.source)) ?? .source
    }
}

/// Where the money of a refund goes.
enum RefundTarget: String, Sendable, CaseIterable {
    /// Into the buyer's wallet.
    case wallet
    /// Back to the payments of the order; the wallet keeps what came from it.
    case source
}

/// The most refunds of an order, so that an order has a limited size; then only the rest.
private let refundsMax = 100

/// The handler of `POST /sales/{id}/refund`.
func refundOrder(
    _ observers: [ReturnObserver]
) -> @Sendable (Refund, Call, any Transaction) throws -> Response {
    { body, call, tx in
        let order = try order(call.id(), visibleTo: call.caller, in: tx)
        try call.refuseOwnOrder(order)
        try call.requireMatch(order)
        let lines = try returnedLines(body.items, of: order)
        let isShippingRefunded = body.shipping ?? (body.items == nil)
        guard !lines.isEmpty || isShippingRefunded && order.shippingLeft > .zero else {
            throw refundExceedsPaid()
        }
        try refuseManyRefunds(of: order, lines, shipping: isShippingRefunded)
        let amount = try refund(
            lines, shipping: isShippingRefunded, of: order, restock: body.restock,
            to: body.target, by: call, in: tx, observers)
        try addEvent(
            .refunded, to: order.id, amount: amount, reason: body.reason, by: call, in: tx)
        if !lines.isEmpty, lines.reduce(0, { $0 + $1.quantity }) == order.unitsLeft {
            try advance(order, by: .refund, in: tx)
        }
        try audit(
            .refundedOrder, of: order.owner, on: "/sales/\(order.id)",
            after: "\(amount.minorUnits)", by: call, in: tx)
        let refunded = try Sales.order(order.id, visibleTo: call.caller, in: tx)
        try publish(.orderRefunded, on: order.path, refunded, of: order.customer, by: call, in: tx)
        return .ok(refunded)
    }
}

/// Rejects a further refund of an order that has many, unless it leaves nothing.
///
/// - Throws: `Problem` 409 `too_many_refunds`.
private func refuseManyRefunds(of order: Order, _ lines: [ReturnedLine], shipping: Bool) throws {
    let leavesNothing =
        lines.reduce(0) { $0 + $1.quantity } == order.unitsLeft
        && (shipping || order.shippingLeft == .zero)
    guard !leavesNothing, order.events.count(where: { $0.status == .refunded }) >= refundsMax else {
        return
    }
    throw Problem.conflict(
        "too_many_refunds",
        "An order has at most \(refundsMax) refunds. Refund all that is left.")
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
/// transaction. A cancellation also gives back the use of the coupon.
///
/// Money of an erased buyer only passes through the wallet, on its way to the source.
///
/// - Returns: the refunded amount.
/// - Throws: `Problem` 409 `refund_exceeds_paid`, `customer_erased`, `wallet_full`, `stock_full`,
///   `day_full`.
func refund(
    _ lines: [ReturnedLine], shipping: Bool, of order: Order, restock: Bool,
    to target: RefundTarget, isCancellation: Bool = false, by call: Call, in tx: any Transaction,
    _ observers: [ReturnObserver]
) throws -> Money {
    guard order.paidAt != nil else { throw refundExceedsPaid() }
    let shippingAmount = shipping ? order.shippingLeft : .zero
    let amount =
        try takeBack(lines, of: order, restock: restock, by: call, in: tx) &+ shippingAmount
    // As in an order, the coupon is locked after the products and before the wallet.
    if isCancellation { try giveBackCoupon(of: order.id, at: call.now, in: tx) }
    let refunded = order.refunded &+ amount
    let isNothingLeft = order.unitsLeft == lines.reduce(0) { $0 + $1.quantity }
    try tx.run(
        """
        UPDATE orders SET refunded = \(refunded),
            refunded_shipping = \(order.refundedShipping &+ shippingAmount),
            payment_status = \(order.paymentStatus(refunded: refunded, isNothingLeft: isNothingLeft))
        WHERE id = \(order.id)
        """)
    try completeShipping(of: order, without: lines, in: tx)
    if amount > .zero {
        try creditWallet(
            amount, of: order.customer,
            for: .init(.refund, by: call.caller.id, order: order.id, at: call.now),
            evenErased: true,
            in: tx)
        try sendBack(amount, of: order, to: target, by: call, in: tx)
        try requireNoMoney(ifErased: order.customer, in: tx)
    }
    try forwardMoney(of: order, at: call.now, in: tx)
    try addRefundToTotals(
        amount, order.refundedTaxes(lines, shipping: shippingAmount), of: order.id, at: call.now,
        in: tx)
    for returned in lines where returned.quantity == returned.line.left {
        for observer in observers {
            try observer.returned(returned.line.product, order.owner, tx)
        }
    }
    return amount
}

/// Marks units as refunded, and puts them back into stock with `restock`.
///
/// - Returns: what the units cost.
private func takeBack(
    _ lines: [ReturnedLine], of order: Order, restock: Bool, by call: Call, in tx: any Transaction
) throws -> Money {
    var amount = Money.zero
    // In the order of ids and before the wallet and the day, so that no two transactions deadlock.
    for returned in lines.sorted(by: { $0.line.product < $1.line.product }) {
        try addRefundLine(returned, of: order.id, in: tx)
        amount = amount &+ returned.line.refund(of: returned.quantity)
        if restock {
            try returnStock(
                returned.quantity, of: returned.line.product, order: order.id, by: call.caller.id,
                at: call.now,
                in: tx, currency: call.shop.currency)
        }
    }
    return amount
}

/// Counts the units of a line that a refund returns, and stores them before its event.
///
/// - Throws: `Problem` 409 `refund_exceeds_paid`.
private func addRefundLine(_ returned: ReturnedLine, of order: Int64, in tx: any Transaction) throws
{
    guard
        try tx.run(
            """
            UPDATE order_lines SET refunded_quantity = refunded_quantity + \(returned.quantity)
            WHERE order_id = \(order) AND product_id = \(returned.line.product)
                AND refunded_quantity + \(returned.quantity) <= quantity
            """) == 1
    else { throw refundExceedsPaid() }
    try tx.later(
        """
        INSERT INTO refund_lines (order_id, product_id, units_before, quantity)
        VALUES (\(order), \(returned.line.product), \(returned.line.refundedQuantity),
            \(returned.quantity))
        """)
}

/// Sends a refund that is in the wallet on to the payments of the order, newest first.
///
/// What banks and providers have paid back already leaves the wallet, also if the rest stays there.
/// What exceeds the payments came from the wallet, and stays there too. So does what a card
/// cannot get because the provider counts in larger units.
private func sendBack(
    _ amount: Money, of order: Order, to target: RefundTarget, by call: Call,
    in tx: any Transaction
) throws {
    guard !order.payments.isEmpty else { return }
    let recovered = try recoverRefunds(
        ofOrder: order.id, of: order.customer, atMost: amount, by: call.caller.id, at: call.now,
        in: tx)
    guard target == .source else { return }
    var left = amount &- recovered
    for payment in order.payments.reversed() where left > .zero {
        // A disputed payment is settled by the banks.
        guard payment.status == .captured || payment.status == .mismatch else { continue }
        let part = payment.refundable(atMost: left)
        guard part > .zero else { continue }
        try refundPayment(payment.id, part, by: call, in: tx)
        left = left &- part
    }
}

/// Names the event of the refund whose units were stored in this transaction.
func nameRefund(_ event: Int64, of order: Int64, in tx: any Transaction) throws {
    try tx.later(
        """
        UPDATE refund_lines SET event_id = \(event)
        WHERE order_id = \(order) AND event_id IS NULL
        """)
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
