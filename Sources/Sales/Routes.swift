public import Service

/// What the sales responder answers.
///
/// A table, so it is read by column.
// swift-format-ignore
public let routes: [Route] = [
    .post("/sales",     .customer, sell),
    .get ("/sales",     .customer, listSales),
    .get ("/sales/:id", .customer, showSale),
]

/// What customers mean to buy.
///
/// The customers responder answers these: they are a person's, and salesd has enough to do.
// swift-format-ignore
public let wishlistRoutes: [Route] = [
    .get   ("/wishlist",             .customer, listWishes),
    .put   ("/wishlist/:product_id", .customer, addWish),
    .delete("/wishlist/:product_id", .customer, removeWish),
]
