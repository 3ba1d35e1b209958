import HTTP
import Inventory
import Service
import Storage
import Values

/// The parameters of `GET /wishlist`.
struct WishlistFilter: Input {
    let page: Page

    init(_ fields: inout Fields) {
        page = fields.page(id: "product_id")
    }
}

/// Lists the caller's wishlist, newest product first.
///
/// An archived product is shown as not available.
@Sendable func listWishlistItems(_ filter: WishlistFilter, _ call: Call, in tx: any Transaction)
    throws
    -> Response
{
    let found: [(product: Int64, since: Instant)] = try filter.page.read { range in
        try tx.all(
            """
            SELECT product_id, created_at FROM wishlist_items
            WHERE customer_id = \(call.caller.id) AND \(range.condition) \(range.end)
            """
        ) { (try $0["product_id"], try $0["created_at"]) }
    }
    let currency = call.shop.currency
    let products = try products(
        found.map(\.product), in: tx, call.productContext)
    let known = Dictionary(uniqueKeysWithValues: products.map { ($0.id, $0) })
    let items = found.compactMap { item in
        known[item.product].map {
            WishlistItem(product: $0, currency: currency, createdAt: item.since)
        }
    }
    return filter.page.response(items, to: call, id: \.product.id)
}
