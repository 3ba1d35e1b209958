import Customers
import HTTP
import Outbox
import Service
import Storage
import Values

/// How long the message with the token of an order is tried, in seconds.
private let mailSeconds: Int64 = 7 * 24 * 60 * 60

/// Creates an order of a caller without an account, and a guest who owns it.
///
/// - Throws: `Problem` 401 `token_missing` without an address, 422 for the wallet, and what `sell`
///   throws.
func createGuestOrder(_ new: NewOrder, _ call: Call) throws -> Response {
    guard let email = new.email else { throw accountMissing }
    guard new.customer == nil else {
        throw Problem.forbidden("Ordering for other customers requires the role staff.")
    }
    try new.payment.requireOffered(by: call.shop)
    try new.payment.requireNoWallet()
    return try call.writeSealed(for: guestKey(email)) { tx in
        let order = try sellToGuest(email, by: call, in: tx) { try new.purchase(for: $0, in: tx) }
        return .created(order, at: order.path)
    }
}

extension PaymentChoice {
    /// Rejects the payment from a wallet, which a caller without an account does not have.
    ///
    /// - Throws: `Problem` 422 `invalid_request`.
    func requireNoWallet() throws {
        guard method == .wallet else { return }
        throw Problem.invalid([
            .init(field: "payment.method", message: "must not be wallet without an account")
        ])
    }
}

/// Creates a guest and sells what `purchase` returns for them.
///
/// The caller has no account. The order has the token, except in a dry run.
///
/// - Throws: `Problem` 422 `quota_exceeded`, and what `sell` throws.
func sellToGuest(
    _ email: String, token: OrderToken = .random(), by call: Call, in tx: any Transaction,
    _ purchase: (Buyer) throws -> Purchase
) throws -> Order {
    let network = GuessLimit.networkDigest(of: call)
    try refuseManyOrders(of: email, in: network, at: call.now, in: tx)
    let guest = try createGuest(email: email, at: call.now, in: tx)
    let buyer = Buyer(
        id: guest.id, username: guest.username,
        guest: GuestBuyer(email: email, token: token, network: network))
    let purchase = try purchase(buyer)
    announceStock(of: purchase.items, shipsBy: purchase.shippingMethod, in: tx)
    var order = try sell(purchase, by: call.by(guest.caller), in: tx).order
    if order.status == .pending {
        try GuestHolds(of: email, in: network).requireFew(of: order, call, in: tx)
    }
    try sendToken(token, of: order, to: email, call, in: tx)
    if !call.isDryRun { order.token = token }
    return order
}

/// 401 for an order that names neither an account nor an address.
let accountMissing = Problem.unauthorized(
    "token_missing", "Requires a bearer token, or an email for an order without an account.")

/// The most orders of guests that hold units at the same time, for an address and for a network.
private let (pendingOfAddressMax, pendingOfNetworkMax): (Int64, Int64) = (5, 20)

/// The most orders of guests with an address in 24 hours.
///
/// Each order sends a message to the address, which may be someone else's.
private let dailyOfAddressMax: Int64 = 20

/// Rejects an order of a guest whose address or network has many orders.
///
/// - Throws: `Problem` 422 `quota_exceeded`.
private func refuseManyOrders(
    of email: String, in network: String, at now: Instant, in tx: any Transaction
) throws {
    let guest = guestKey(email)
    // Concurrent orders do not see each other.
    try tx.lock("orders of the address \(guest)")
    try tx.lock("orders of the network \(network)")
    let yesterday = now.adding(seconds: -24 * 60 * 60)
    guard try !hasGuests(dailyOfAddressMax, with: email, since: yesterday, in: tx) else {
        throw Problem.quotaExceeded(
            "Guests can place \(dailyOfAddressMax) orders with an address in 24 hours. Log in, or "
                + "retry tomorrow.")
    }
    let ofAddress = try tx.first(
        """
        SELECT id FROM orders
        WHERE guest_key = \(guest) AND guest_key IS NOT NULL AND status = 'pending'
        ORDER BY id LIMIT 1 OFFSET \(pendingOfAddressMax - 1)
        """)
    let ofNetwork = try tx.first(
        """
        SELECT id FROM orders
        WHERE guest_network = \(network) AND guest_network IS NOT NULL AND status = 'pending'
        ORDER BY id LIMIT 1 OFFSET \(pendingOfNetworkMax - 1)
        """)
    guard ofAddress != nil || ofNetwork != nil else { return }
    throw Problem.quotaExceeded(
        "At most \(pendingOfAddressMax) orders of an address, and \(pendingOfNetworkMax) of a "
            + "network, may wait for money. Pay one of them, or log in.")
}

/// Leaves the message with the token.
///
/// It contains no text that the guest chose: the address may be someone else's.
private func sendToken(
    _ token: OrderToken, of order: Order, to email: String, _ call: Call, in tx: any Transaction
) throws {
    let (amounts, currency) = (order.amounts, order.currency)
    let items = order.lines.map {
        let price = formatted($0.unitPrice.minorUnits, currency: currency)
        return "\($0.quantity) × \($0.name), \(price) each"
    }
    let rest = mailedAmounts(
        discount: amounts.discount.minorUnits, shipping: amounts.shipping.minorUnits,
        addedTax: amounts.isTaxIncluded ? 0 : amounts.tax.minorUnits, currency: currency)
    let sealed = SealedToken(
        box: sealedMailToken(token.text, by: call.shop, at: call.now),
        expiresAt: call.now.adding(seconds: mailSeconds))
    try enqueueMail(
        OutgoingMail(
            .guestOrderReceived, to: email,
            values: [
                "name": "customer", "order": order.number,
                "total": formatted(amounts.total.minorUnits, currency: currency),
                "payment": try paymentRequest(
                    order.due, by: order.paymentMethod, until: order.holdUntil,
                    number: order.number, currency: currency, in: tx),
                "items": mailLines(items + rest),
            ], token: sealed),
        of: order.customer, at: call.now, in: tx)
}
