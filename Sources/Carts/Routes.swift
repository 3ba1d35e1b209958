public import Service

/// The routes of carts, which the sales responder serves.
// swift-format-ignore
public let routes: [Route] = [
    .post  ("/sales/carts",                        .anyone,                             outside: createCart),
    .get   ("/sales/carts/mine",                   .anyone,                             getCart),
    .patch ("/sales/carts/mine",                   .anyone,   body: CartChange.self,    outside: updateCart),
    .delete("/sales/carts/mine",                   .anyone,                             deleteCart),
    .put   ("/sales/carts/mine/items/:product_id", .anyone,   body: CartQuantity.self,  setCartItem),
    .delete("/sales/carts/mine/items/:product_id", .anyone,                             removeCartItem),
    .post  ("/sales/carts/mine/claim",             .customer,                           claimCart),
    .post  ("/sales/carts/mine/checkout",          .anyone,   body: CartCheckout.self,  outside: checkOutCart),
]
