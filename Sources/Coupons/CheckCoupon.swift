public import Customers
import HTTP
public import Service
import Storage
import Values

/// The parameters of `GET /sales/coupons/{code}/check`.
struct CouponQuery: Input {
    let subtotal: Money

    init(_ fields: inout Fields) {
        subtotal = fields.required("subtotal", .money(0...Money.max.minorUnits))
    }
}

/// Shows what a coupon would do to an order of products to which it applies.
///
/// An unknown code counts as a wrong guess, as in an order.
///
/// - Throws: `Problem` 409 `coupon_invalid`, 429 `too_many_guesses`.
@Sendable func checkCoupon(_ query: CouponQuery, _ call: Call) throws -> Response {
    let found = try GuessLimit(ofCoupons: call).run(wrong: couponUnknown) {
        guard let found = try call.read({ try coupon(foldedCode(call.text("code")), in: $0) })
        else { throw couponUnknown }
        return found
    }
    return try call.read { tx in
        try found.requireUsable(
            on: query.subtotal, by: call.caller.role == nil ? nil : call.caller.id, at: call.now,
            in: tx)
        return .ok(
            CheckedCoupon(
                coupon: found, discount: found.terms.discount(on: query.subtotal),
                currency: call.shop.currency))
    }
}

/// Rejects a code that no coupon has, and counts it as a wrong guess.
///
/// It runs transactions of its own.
/// - Throws: `Problem` 409 `coupon_invalid`, 429 `too_many_guesses`.
public func requireCoupon(_ code: String, by call: Call) throws {
    try GuessLimit(ofCoupons: call).run(wrong: couponUnknown) {
        let found = try call.read { try coupon(foldedCode(code), in: $0) }
        guard found != nil else { throw couponUnknown }
    }
}

/// What a coupon does to an order, for everyone who knows its code.
private struct CheckedCoupon: JSONWritable {
    let coupon: Coupon
    let discount: Money
    let currency: String

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("code", coupon.code)
            $0.field("kind", coupon.terms.kind)
            $0.field("value", coupon.terms.value)
            $0.field("discount", discount)
            $0.field("free_shipping", coupon.terms.kind == .freeShipping)
            $0.field("currency", currency)
            $0.field("min_subtotal", coupon.terms.minSubtotal)
            $0.field("ends_at", coupon.terms.endsAt)
            $0.field("categories", coupon.terms.categories)
            $0.field("product_ids", coupon.terms.productIDs)
        }
    }
}

extension GuessLimit {
    /// The limit on codes of coupons: some unknown ones, and then the growing delay of a login.
    ///
    /// An account has five free failures, like a login. A network without an account has 20,
    /// because several buyers may share it, for example those of one office. Staff have no limit:
    /// they can list the coupons. As with a login, a guess is counted before it is
    /// compared if there were failures. So of the first guesses at once, each worker thread of a
    /// responder compares at most one more.
    public init(ofCoupons call: Call) {
        let caller = call.caller
        let freeFailures: Int64 =
            caller.role == nil ? 20 : caller.isAtLeast(.staff) ? .max : 5
        self.init(
            "coupon codes", of: caller.role == nil ? .network : .account,
            freeFailures: freeFailures, call)
    }
}
