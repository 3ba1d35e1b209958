import Coupons
import Customers
import HTTP
import Service
import Storage

/// The body of `PATCH /sales/carts/mine`.
struct CartChange: Input {
    let shippingAddress: Change<ObjectOrID<PostalAddress>>
    let billingAddress: Change<ObjectOrID<PostalAddress>>
    let shippingMethod: Change<Int64>
    let coupon: Change<String>
    let email: Change<String>
    let note: Change<String>

    init(_ fields: inout Fields) {
        shippingAddress = fields.changeOfObjectOrID("shipping_address", of: PostalAddress.self)
        billingAddress = fields.changeOfObjectOrID("billing_address", of: PostalAddress.self)
        shippingMethod = fields.change("shipping_method", .id)
        coupon = fields.change("coupon", .couponCode)
        email = fields.change("email", .email)
        note = fields.change("note", .text(1...500))
    }
}

/// Changes what the buyer chooses besides products.
///
/// Whether a shipping method or a coupon applies is shown in `problems`. A coupon that does not
/// exist is rejected, and counts as a wrong guess.
///
/// - Throws: `Problem` 404 `cart_not_found`; 409 `cart_checked_out`, `coupon_invalid`; 422 if an
///   address is unknown, or if the caller has an account and sends `email`; 429 `too_many_guesses`.
@Sendable func updateCart(_ change: CartChange, _ call: Call) throws -> Response {
    if case .set(_?) = change.email, call.caller.role != nil {
        throw Problem.invalid([.init(field: "email", message: "must be omitted with a token")])
    }
    if case .set(let code?) = change.coupon { try requireCoupon(code, by: call) }
    return try call.write { tx in
        var (cart, id) = try cartToChange(of: call, in: tx)
        let details = cart.details
        cart.details = CartDetails(
            shippingAddress: try address(
                change.shippingAddress, details.shippingAddress, "shipping_address", call, in: tx),
            billingAddress: try address(
                change.billingAddress, details.billingAddress, "billing_address", call, in: tx),
            shippingMethod: change.shippingMethod.applied(to: details.shippingMethod),
            coupon: change.coupon.applied(to: details.coupon),
            email: change.email.applied(to: details.email),
            note: change.note.applied(to: details.note))
        return .ok(try changedCart(cart, id, call, in: tx))
    }
}

/// The address in the body, or a copy of the saved one that it names.
private func address(
    _ change: Change<ObjectOrID<PostalAddress>>, _ current: PostalAddress?, _ field: String,
    _ call: Call, in tx: any Transaction
) throws -> PostalAddress? {
    switch change {
    case .keep: return current
    case .set(nil): return nil
    case .set(.object(let address)): return address
    case .set(.id(let id)):
        guard let saved = try savedAddress(id, of: call.caller.id, in: tx) else {
            throw Problem.invalid([
                .init(field: field, message: "is not the id of a saved address")
            ])
        }
        return saved
    }
}
