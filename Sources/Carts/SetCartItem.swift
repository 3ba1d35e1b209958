import HTTP
import Inventory
import Service
import Storage

/// The body of `PUT /sales/carts/mine/items/{product_id}`.
struct CartQuantity: Input {
    /// 0 removes the line.
    let quantity: Int64

    init(_ fields: inout Fields) {
        quantity = fields.required("quantity", .integer(0...1_000_000))
    }
}

/// Sets the number of units of a product in a cart, at its present price.
///
/// - Throws: `Problem` 404 `cart_not_found`, `product_not_found`; 409 `cart_checked_out`;
///   422 `quota_exceeded`.
@Sendable func setCartItem(_ new: CartQuantity, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let product = try call.id("product_id")
    let (cart, id) = try cartToChange(of: call, in: tx)
    if new.quantity == 0 {
        try deleteCartItem(product, of: id, in: tx)
    } else {
        let found = try products([product], in: tx, call.productContext).first
        guard let found, found.isOnSale else {
            throw Problem.notFound("product_not_found", "There is no such product.")
        }
        try putCartItem(
            CartItem(
                product: product, quantity: new.quantity, unitPrice: found.details.price,
                createdAt: call.now), into: id, in: tx)
    }
    return .ok(try changedCart(cart, id, call, in: tx))
}

/// Removes a product from a cart.
///
/// - Throws: `Problem` 404 `cart_not_found`, `cart_item_not_found`; 409 `cart_checked_out`.
@Sendable func removeCartItem(_ call: Call, in tx: any Transaction) throws -> Response {
    let product = try call.id("product_id")
    let (cart, id) = try cartToChange(of: call, in: tx)
    guard try deleteCartItem(product, of: id, in: tx) == 1 else {
        throw Problem.notFound("cart_item_not_found", "The product is not in the cart.")
    }
    _ = try changedCart(cart, id, call, in: tx)
    return .noContent
}

@discardableResult
private func deleteCartItem(_ product: Int64, of cart: Int64, in tx: any Transaction) throws -> Int
{
    try tx.run("DELETE FROM cart_items WHERE cart_id = \(cart) AND product_id = \(product)")
}

/// Stores the time of a change and the details of a cart, and returns how it is shown.
///
/// - Throws: `Problem` 422 `quota_exceeded`.
func changedCart(_ cart: Cart, _ id: Int64, _ call: Call, in tx: any Transaction) throws -> CartView
{
    let items = try cartItems(of: id, in: tx)
    guard items.count <= cartItemsMax else {
        throw Problem.quotaExceeded(
            "A cart holds at most \(cartItemsMax) products. Remove one first.")
    }
    var cart = cart
    cart.updatedAt = call.now
    let expiry = CartLifetime.expiry(of: cart, isEmpty: items.isEmpty, at: call.now)
    cart.expiresAt = expiry
    try tx.run(
        """
        UPDATE carts SET \(cart.details.assignments), updated_at = \(call.now),
            expires_at = \(expiry)
        WHERE id = \(id)
        """)
    return try CartView(of: cart, with: items, for: call, in: tx)
}
