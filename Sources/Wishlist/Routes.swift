public import Service

/// The routes of wishlists, which the customers responder serves.
// swift-format-ignore
public let routes: [Route] = [
    .get   ("/wishlist",             .customer, query: WishlistFilter.self, listWishlistItems),
    .put   ("/wishlist/:product_id", .customer,                             addWishlistItem),
    .delete("/wishlist/:product_id", .customer,                             removeWishlistItem),
]
