import HTTP
import HTTPTypes
import Service
import Storage
import Values

/// Returns the cart that a request means, locked in a write.
///
/// That is the cart of the token in `Souk-Cart`, or else the open cart of the caller. A cart that
/// a customer has checked out is no longer shown to everyone who has its token.
///
/// - Returns: nil if the caller has no open cart yet.
/// - Throws: `Problem` 404 `cart_not_found`.
func cart(of call: Call, in tx: any Transaction) throws -> Cart? {
    guard let text = call.request.field(.cartToken) else {
        guard call.caller.role != nil else { throw cartNotFound }
        return try openCart(of: call.caller.id, in: tx)
    }
    guard let cart = try cart(withToken: text, in: tx),
        cart.customer == nil || cart.customer == call.caller.id
    else { throw cartNotFound }
    return cart
}

/// Returns the cart of a token, locked in a write, or nil.
func cart(withToken text: String, in tx: any Transaction) throws -> Cart? {
    guard let token = CartToken(sent: text) else { return nil }
    return try tx.first(Cart.self, "WHERE token_hash = \(token.hash) \(.alone("carts"))")
}

/// Returns the open cart of a customer, locked in a write, or nil.
func openCart(of customer: Int64, in tx: any Transaction) throws -> Cart? {
    try tx.first(
        Cart.self, "WHERE customer_id = \(customer) AND order_id IS NULL \(.alone("carts"))")
}

/// Returns the open cart of a customer, which is created if there is none, locked.
func madeCart(of customer: Int64, at now: Instant, in tx: any Transaction) throws -> Cart {
    if let cart = try openCart(of: customer, in: tx) { return cart }
    // A concurrent request may do the same; the second one waits here.
    try tx.run(
        """
        INSERT INTO carts (customer_id, created_at, updated_at, expires_at)
        VALUES (\(customer), \(now), \(now),
            \(CartLifetime.expiry(after: CartLifetime.empty, at: now)))
        ON CONFLICT (customer_id) WHERE customer_id IS NOT NULL AND order_id IS NULL DO NOTHING
        """)
    guard let cart = try openCart(of: customer, in: tx) else { throw StoreError.busy }
    return cart
}

/// Returns the open cart that a request changes, locked and with an id.
///
/// - Throws: `Problem` 404 `cart_not_found`, 409 `cart_checked_out`, 412 `precondition_failed`.
func cartToChange(of call: Call, in tx: any Transaction) throws -> (cart: Cart, id: Int64) {
    let found = try cart(of: call, in: tx)
    try requireOpen(found, matching: call, in: tx)
    let cart = try found ?? madeCart(of: call.caller.id, at: call.now, in: tx)
    guard let id = cart.id else { throw cartNotFound }
    return (cart, id)
}

/// Rejects a change of a cart that was checked out or differs from the version that the client has
/// seen; nil is the cart of a customer who has none yet.
func requireOpen(_ cart: Cart?, matching call: Call, in tx: any Transaction) throws {
    guard cart?.order == nil else { throw cartCheckedOut }
    try call.requireMatch {
        try CartView(of: cart ?? Cart(of: call.caller.id), for: call, in: tx)
    }
}

/// 409: a cart that was checked out does not change any more.
let cartCheckedOut = Problem.conflict(
    "cart_checked_out", "The cart was checked out. Create another one.")
