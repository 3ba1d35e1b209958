import HTTP
import Service
import Storage

/// Deletes a cart with its lines; a token is void afterwards.
///
/// - Throws: `Problem` 404 `cart_not_found`, 409 `cart_checked_out`.
@Sendable func deleteCart(_ call: Call, in tx: any Transaction) throws -> Response {
    let cart = try cart(of: call, in: tx)
    try requireOpen(cart, matching: call, in: tx)
    guard let id = cart?.id else { throw cartNotFound }
    try tx.run("DELETE FROM cart_items WHERE cart_id = \(id)")
    try tx.run("DELETE FROM carts WHERE id = \(id)")
    return .noContent
}
