import HTTP
import Service
import Storage

/// Shows a cart with prices, totals and problems of this moment.
///
/// - Throws: `Problem` 404 `cart_not_found`.
@Sendable func getCart(_ call: Call, in tx: any Transaction) throws -> Response {
    let cart = try cart(of: call, in: tx) ?? Cart(of: call.caller.id)
    return .ok(try CartView(of: cart, for: call, in: tx))
}
