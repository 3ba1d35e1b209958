public import Service

/// The routes of gift cards for staff, which the sales responder serves.
// swift-format-ignore
public let routes: [Route] = [
    .get ("/sales/gift-cards",            .staff, query: GiftCardFilter.self, listGiftCards),
    .post("/sales/gift-cards",            .staff, body:  GiftCardBatch.self,  outside: createGiftCards),
    .get ("/sales/gift-cards/:id",        .staff,                             getGiftCard),
    .post("/sales/gift-cards/:id/cancel", .staff,                             cancelGiftCard),
]

/// The route of gift cards for customers, which the customers responder serves.
// swift-format-ignore
public let walletRoutes: [Route] = [
    .post("/customers/:username/wallet/gift-cards", .customer, body: Redemption.self, outside: redeemGiftCard),
]
