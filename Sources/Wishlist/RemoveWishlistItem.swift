import HTTP
import Inventory
import Service
import Storage

/// Removes a product from the caller's wishlist.
///
/// - Throws: `Problem` 404 `wishlist_item_not_found`.
@Sendable func removeWishlistItem(_ call: Call, in tx: any Transaction) throws -> Response {
    let id = try call.id("product_id")
    let product = try products(
        [id], in: tx, call.productContext
    ).first
    guard let item = try product.flatMap({ try wishlistItem(for: $0, of: call, in: tx) }) else {
        throw Problem.notFound("wishlist_item_not_found", "The product is not on the wishlist.")
    }
    try call.requireMatch(item)
    try tx.run(
        "DELETE FROM wishlist_items WHERE customer_id = \(call.caller.id) AND product_id = \(id)")
    return .noContent
}
