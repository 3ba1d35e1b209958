import HTTP
import Inventory
import Service
import Storage
import Values

/// A product on a customer's wishlist, with its current price and stock.
struct WishlistItem: Sendable {
    let product: Product
    let currency: String
    let createdAt: Instant
}

extension WishlistItem: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("product_id", product.id)
            $0.field("name", product.details.name)
            $0.field("price", product.details.price)
            $0.field("currency", currency)
            product.writeStock(to: &$0)
            $0.field("available", product.isOnSale)
            $0.field("created_at", createdAt)
        }
    }
}

/// Returns the caller's wishlist item for `product`, or nil.
func wishlistItem(for product: Product, of call: Call, in tx: any Transaction) throws
    -> WishlistItem?
{
    let row = try tx.first(
        """
        SELECT created_at FROM wishlist_items
        WHERE customer_id = \(call.caller.id) AND product_id = \(product.id)
        \(.alone("wishlist_items"))
        """)
    return try row.map {
        WishlistItem(
            product: product, currency: call.shop.currency, createdAt: try $0["created_at"])
    }
}
