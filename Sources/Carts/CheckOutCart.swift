import Customers
import GiftCards
import HTTP
import HTTPTypes
import Sales
import Service
import Storage
import Values

/// The body of `POST /sales/carts/mine/checkout`.
struct CartCheckout: Input {
    /// The total that the buyer has seen.
    let expectedTotal: Money
    /// The different codes of at most 10 gift cards.
    let giftCards: [String]
    let payment: PaymentChoice

    init(_ fields: inout Fields) {
        expectedTotal = fields.required("expected_total", .money(0...Money.max.minorUnits))
        giftCards = fields.optionalValues("gift_cards", count: 0...10, .giftCardCode)
        if !fields.hasFaults, Set(giftCards.map(TypedCode.init)).count < giftCards.count {
            fields.fault("gift_cards", "must be different codes")
        }
        payment = fields.optionalObject("payment", of: PaymentChoice.self) ?? .wallet
    }
}

/// Orders what is in a cart, once: further calls return the same order.
///
/// The order and the end of the cart are one transaction. An idempotency key is not needed and
/// ignored: all guests share their keys, and a key must not give a guest the order of another.
///
/// - Throws: `Problem` 404 `cart_not_found`; 409 `cart_not_ready` with the
///   problems of the cart; 429 `too_many_guesses`; and the problems of `sellCart`.
@Sendable func checkOutCart(_ checkout: CartCheckout, _ call: Call) throws -> Response {
    try checkout.payment.requireOffered(by: call.shop)
    guard !checkout.giftCards.isEmpty else { return try checkOutOnce(checkout, call) }
    return try GuessLimit(ofGiftCards: call).run(wrong: giftCardInvalid) {
        try checkOutOnce(checkout, call)
    }
}

private func checkOutOnce(_ checkout: CartCheckout, _ call: Call) throws -> Response {
    do {
        return try call.write(remembered: false) { try checkOut(checkout, call, in: $0) }
    } catch let problem as Problem where checkedProblems.contains(problem.code) {
        // The transaction is over, so that its reads took no locks that an order waits for.
        let problems = try call.read { tx in
            let cart = try cart(of: call, in: tx) ?? Cart(of: call.caller.id)
            return try CartView(of: cart, for: call, in: tx).problems
        }
        throw problems.isEmpty ? problem : cartNotReady(problems)
    }
}

/// The codes of failed orders whose cause a cart shows.
private let checkedProblems = [
    "product_not_found", "insufficient_stock", "price_changed", "coupon_invalid", "invalid_request",
    "cart_not_ready",
]

private func checkOut(_ checkout: CartCheckout, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    guard let cart = try cart(of: call, in: tx), let id = cart.id else {
        return try latestOrder(of: call, in: tx)
    }
    if let made = cart.order { return .ok(try orderOf(cart, made, call, in: tx)) }
    let items = try takeCartItems(of: id, in: tx)
    guard !items.isEmpty else { throw cartNotReady([.empty]) }
    let order = try sell(items, of: cart, checkout, call, in: tx)
    let prices = order.unitPrices
    guard items.allSatisfy({ $0.unitPrice == prices[$0.product] }) else {
        throw Problem.conflict("cart_not_ready", "A price has changed. Read the cart again.")
    }
    let owner = call.caller.role == nil ? nil : call.caller.id
    try tx.later(
        """
        UPDATE carts SET order_id = \(order.id), customer_id = \(owner.stored),
            \(CartDetails().assignments), updated_at = \(call.now),
            expires_at = \(CartLifetime.expiry(after: CartLifetime.customer, at: call.now))
        WHERE id = \(id)
        """)
    return .created(order, at: order.path)
}

/// Sells the lines to the caller, or to a new guest if the caller has no account.
private func sell(
    _ items: [CartItem], of cart: Cart, _ checkout: CartCheckout, _ call: Call,
    in tx: any Transaction
) throws -> CartOrder {
    guard call.caller.role == nil else {
        return try sellCart(
            cart.purchase(of: items, checkout, for: Buyer(call.caller)), by: call, in: tx)
    }
    guard let email = cart.details.email, let secret = call.request.field(.cartToken) else {
        throw cartNotReady([.emailMissing])
    }
    return try sellCartToGuest(email, secret: secret, by: call, in: tx) {
        cart.purchase(of: items, checkout, for: $0)
    }
}

/// The order of a cart that was checked out; a guest's with its token.
private func orderOf(_ cart: Cart, _ id: Int64, _ call: Call, in tx: any Transaction) throws
    -> CartOrder
{
    guard cart.customer == nil, let secret = call.request.field(.cartToken) else {
        return try cartOrder(id, visibleTo: call.caller, in: tx)
    }
    return try guestCartOrder(id, secret: secret, in: tx)
}

/// The order of a customer's last cart, for a retry after the answer was lost.
private func latestOrder(of call: Call, in tx: any Transaction) throws -> Response {
    let row = try tx.first(
        """
        SELECT order_id FROM carts
        WHERE customer_id = \(call.caller.id) AND order_id IS NOT NULL AND token_hash IS NULL
        ORDER BY id DESC LIMIT 1 \(.alone("carts"))
        """)
    guard let id: Int64 = try row?["order_id"] else { throw cartNotReady([.empty]) }
    return .ok(try cartOrder(id, visibleTo: call.caller, in: tx))
}

extension Cart {
    /// The purchase of lines with the choices of the cart.
    func purchase(of items: [CartItem], _ checkout: CartCheckout?, for buyer: Buyer) -> Purchase {
        Purchase(
            items: items.map { ($0.product, $0.quantity) }, buyer: buyer,
            expectedTotal: checkout?.expectedTotal, shippingAddress: details.shippingAddress,
            billingAddress: details.billingAddress, shippingMethod: details.shippingMethod,
            coupon: details.coupon, giftCards: checkout?.giftCards ?? [], note: details.note,
            payment: checkout?.payment ?? .wallet)
    }
}
