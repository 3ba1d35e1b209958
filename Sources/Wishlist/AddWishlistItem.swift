import HTTP
import Inventory
import Service
import Storage
import Values

/// The most products on one wishlist.
private let itemsMax: Int64 = 500

/// Adds a product to the caller's wishlist, unless it is already on it.
///
/// - Throws: `Problem` 404 `product_not_found`, 422 `quota_exceeded`.
@Sendable func addWishlistItem(_ call: Call, in tx: any Transaction) throws -> Response {
    let id = try call.id("product_id")
    let product = try product(
        id, in: tx, call.productContext)
    let current = try wishlistItem(for: product, of: call, in: tx)
    try call.requireMatch(current)
    if current == nil { try refuseBeyondQuota(of: call.caller.id, in: tx) }
    let row = try tx.first(
        """
        INSERT INTO wishlist_items (customer_id, product_id, created_at)
        VALUES (\(call.caller.id), \(id), \(call.now))
        ON CONFLICT (customer_id, product_id) DO UPDATE SET created_at = wishlist_items.created_at
        RETURNING created_at
        """)
    return .ok(
        WishlistItem(
            product: product, currency: call.shop.currency,
            createdAt: try row?["created_at"] ?? call.now))
}

private func refuseBeyondQuota(of customer: Int64, in tx: any Transaction) throws {
    let last = try tx.first(
        """
        SELECT product_id FROM wishlist_items WHERE customer_id = \(customer)
        ORDER BY product_id LIMIT 1 OFFSET \(itemsMax - 1)
        """)
    guard last != nil else { return }
    throw Problem.quotaExceeded("A wishlist holds at most \(itemsMax) products. Remove one first.")
}
