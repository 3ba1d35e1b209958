public import Service

/// The routes of payments that the customers responder serves.
// swift-format-ignore
public let walletRoutes: [Route] = [
    .post("/customers/:username/wallet/topups", .customer, body: NewTopUp.self, createTopUp),
]

/// The routes of payments that the sales responder serves; `observer` gets the orders that are paid.
// swift-format-ignore
public func salesRoutes(with observer: PaymentObserver) -> [Route] {
    [
        .get ("/sales/payments",        .customer, query: PaymentFilter.self, listPayments),
        .get ("/sales/payments/:id",    .customer, query: PaymentWait.self,   outside: getPayment),
        .post("/sales/payments/stripe",                                       raw: receiveStripeEvent(observer)),
    ]
}
