import Coupons
import Customers
import GiftCards
import HTTP
import Service
import Storage

/// Creates an order with a coupon or gift cards, whose codes might be guesses, or of a guest.
///
/// - Throws: `Problem` 429 `too_many_guesses`, and the problems of an order without codes.
@Sendable func createOrder(_ new: NewOrder, _ call: Call) throws -> Response {
    // A retry guesses nothing, and its cards are redeemed.
    if call.caller.role != nil, let stored = try call.replay() { return stored }
    func sell() throws -> Response {
        guard call.caller.role != nil else { return try createGuestOrder(new, call) }
        guard new.email == nil else {
            throw Problem.invalid([.init(field: "email", message: "must be omitted with a token")])
        }
        return try call.write { tx in
            announceStock(of: new, in: tx)
            return try createOrder(new, call, in: tx)
        }
    }
    func sellWithCoupon() throws -> Response {
        guard new.coupon != nil else { return try sell() }
        return try GuessLimit(ofCoupons: call).run(wrong: couponUnknown, sell)
    }
    guard !new.giftCards.isEmpty else { return try sellWithCoupon() }
    return try GuessLimit(ofGiftCards: call).run(wrong: giftCardInvalid, sellWithCoupon)
}

/// Announces the first statements of an order.
@Sendable func announceStock(of new: NewOrder, in tx: any Transaction) {
    announceStock(of: new.items, shipsBy: new.shippingMethod, in: tx)
}

@Sendable func createOrder(_ new: NewOrder, _ call: Call, in tx: any Transaction) throws -> Response
{
    guard call.caller.role != nil else { throw accountMissing }
    try new.payment.requireOffered(by: call.shop)
    let buyer = try buyer(new.customer, by: call, in: tx)
    let purchase = try new.purchase(for: buyer, in: tx)
    let sale = try sell(purchase, by: call, in: tx)
    let order = sale.order
    if buyer.id != call.caller.id {
        try audit(
            .createdOrder, of: buyer.id, on: order.path, after: "\(order.amounts.total.minorUnits)",
            by: call, in: tx)
    }
    return .created(sale.json, at: order.path)
}

/// The caller, or the customer that a member of staff names.
///
/// - Throws: `Problem` 403 `forbidden`, 404 `customer_not_found`.
private func buyer(_ username: String?, by call: Call, in tx: any Transaction) throws -> Buyer {
    guard let username, username != call.caller.username else {
        return Buyer(id: call.caller.id, username: call.caller.username)
    }
    guard call.caller.isAtLeast(.staff) else {
        throw Problem.forbidden("Ordering for other customers requires the role staff.")
    }
    guard let id = try activeCustomerID(of: username, in: tx) else {
        throw Problem.notFound("customer_not_found", "There is no such customer.")
    }
    return Buyer(id: id, username: username)
}

extension NewOrder {
    /// What the body buys, with the saved addresses that it names.
    ///
    /// - Throws: `Problem` 422 `invalid_request`.
    func purchase(for buyer: Buyer, in tx: any Transaction) throws -> Purchase {
        Purchase(
            items: items, buyer: buyer, expectedTotal: expectedTotal,
            shippingAddress: try address(shippingAddress, "shipping_address", of: buyer, in: tx),
            billingAddress: try address(billingAddress, "billing_address", of: buyer, in: tx),
            shippingMethod: shippingMethod, coupon: coupon, giftCards: giftCards, note: note,
            payment: payment)
    }
}

/// The address in the body, or the saved one that it names.
private func address(
    _ given: ObjectOrID<PostalAddress>?, _ field: String, of buyer: Buyer, in tx: any Transaction
) throws -> PostalAddress? {
    switch given {
    case nil: return nil
    case .object(let address): return address
    case .id(let id):
        guard let saved = try savedAddress(id, of: buyer.id, in: tx) else {
            throw Problem.invalid([
                .init(field: field, message: "is not the id of a saved address")
            ])
        }
        return saved
    }
}
