import Customers
import HTTP
import Payments
import Service
import Storage
import Values

/// The body of `POST /sales/{id}/payments`: another try of the buyer, or money that staff have
/// received.
struct NewOrderPayment: Input {
    enum Kind {
        case attempt(PaymentChoice)
        case received(PaymentMethod, Money, reference: String)
    }

    let kind: Kind

    init(_ fields: inout Fields) {
        let method = fields.required("method", .orderPayment)
        let page = fields.optional("return_url", .returnURL)
        let amount = fields.optional("amount", .money(1...100_000_000_000))
        let reference = fields.optional("reference", .line(1...200))
        kind =
            method.hasProvider
            ? .attempt(PaymentChoice(method: method, returnURL: page))
            : .received(method, amount ?? .zero, reference: reference ?? "")
        let members = [
            ("return_url", page != nil, method.hasProvider),
            ("amount", amount != nil, !method.hasProvider),
            ("reference", reference != nil, !method.hasProvider),
        ]
        for (name, isThere, isNeeded) in members where isThere != isNeeded && !fields.hasFault(name)
        {
            fields.fault(name, isNeeded ? "is missing" : "must be omitted for this method")
        }
    }
}

extension Check<PaymentMethod> {
    /// A method with which an order that exists is paid.
    fileprivate static let orderPayment = Check.choice(
        of: [.card, .test, .bankTransfer, .cash], .card)
}

/// The most payments of an order that its buyer may start.
private let attemptsMax = 10

/// The most payments of an order in all, because each answer with the order shows them.
private let paymentsMax = 100

/// Starts another payment of an unpaid order, or books money that has come for it.
///
/// - Throws: `Problem` 404 `order_not_found`; 403 `forbidden`, `own_account`; 409 `order_not_due`,
///   `payment_method_not_allowed`, `customer_erased`, `wallet_full`; 422 for a method that the shop does not offer, and
///   `quota_exceeded`.
@Sendable func createOrderPayment(_ new: NewOrderPayment, _ call: Call, in tx: any Transaction)
    throws -> Response
{
    let order = try order(call.id(), visibleTo: call.caller, in: tx)
    switch new.kind {
    case .attempt(let choice): return try attempt(choice, of: order, call, in: tx)
    case .received(let method, let amount, let reference):
        let payment = try book(amount, by: method, reference, for: order, call, in: tx)
        return .created(payment, at: payment.path)
    }
}

private func attempt(
    _ choice: PaymentChoice, of order: Order, _ call: Call, in tx: any Transaction
) throws -> Response {
    guard order.isBought(by: call.caller) else {
        throw Problem.forbidden("Only the buyer can start a payment.")
    }
    try choice.requireOffered(by: call.shop, field: "method")
    guard order.isWaiting, !order.isExpired(at: call.now) else { throw orderNotDue }
    guard order.due > .zero else { return try payFromWallet(order, call, in: tx) }
    guard order.payments.filter({ $0.method.hasProvider }).count < attemptsMax else {
        throw Problem.quotaExceeded("An order has at most \(attemptsMax) payments by card.")
    }
    // The buyer gets the whole time for the new attempt.
    var hold = order.holdUntil
    if let end = hold, let next = call.shop.payments.holdEnd(of: choice.method, at: call.now) {
        hold = max(end, next)
        try tx.run("UPDATE orders SET hold_until = \(hold.stored) WHERE id = \(order.id)")
    }
    let payment = try startPayment(of: order, order.due, by: choice, until: hold, call, in: tx)
    return .created(payment, at: payment.path)
}

/// Pays an order whose money came and was spent, and is in the wallet again.
///
/// - Returns: the newest payment of the order.
private func payFromWallet(_ order: Order, _ call: Call, in tx: any Transaction) throws -> Response
{
    try settle(order.id, by: call.caller.id, at: call.now, in: tx)
    let payments = try payments(ofOrder: order.id, shownTo: call.caller, in: tx)
    guard let newest = payments.last else { throw orderNotDue }
    return .ok(newest)
}

private func book(
    _ amount: Money, by method: PaymentMethod, _ reference: String, for order: Order, _ call: Call,
    in tx: any Transaction
) throws -> Payment {
    guard call.caller.isAtLeast(.staff) else {
        throw Problem.forbidden("Booking money requires the role staff.")
    }
    try call.refuseOwnOrder(order)
    // The wallet has paid, and the order shows no payments.
    guard order.paymentMethod.hasPayments else { throw orderNotDue }
    guard order.payments.count < paymentsMax else {
        throw Problem.quotaExceeded("An order has at most \(paymentsMax) payments.")
    }
    let payment = try bookPayment(
        amount, by: method, reference, forOrder: order.id, of: order.customer, call, in: tx)
    try audit(
        .bookedPayment, of: order.owner, on: order.path, after: "\(amount.minorUnits)", by: call,
        in: tx)
    try settle(order.id, by: call.caller.id, at: call.now, in: tx)
    return payment
}

private let orderNotDue = Problem.conflict(
    "order_not_due", "Nothing is due: the order is paid, cancelled or expired.")

/// The payments of an order, oldest first.
@Sendable func listOrderPayments(_ call: Call, in tx: any Transaction) throws -> Response {
    let order = try order(call.id(), visibleTo: call.caller, in: tx)
    return .ok(Listing(try payments(ofOrder: order.id, shownTo: call.caller, in: tx)))
}
