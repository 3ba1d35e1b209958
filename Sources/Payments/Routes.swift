public import Service

/// The routes of payments that the customers responder serves.
// swift-format-ignore
public let walletRoutes: [Route] = [
    .post("/customers/:username/wallet/topups", .customer, body: NewTopUp.self, createTopUp),
]

/// The routes of payments that the sales responder serves.
///
/// `observer` is called for the order of a payment. `payer` is the access to a payment by its id.
// swift-format-ignore
public func salesRoutes(with observer: PaymentObserver, for payer: Access) -> [Route] {
    [
        .get ("/sales/payments",        .customer, query: PaymentFilter.self, listPayments),
        .get ("/sales/payments/:id",    payer,     query: PaymentWait.self,   outside: getPayment),
        .post("/sales/payments/stripe",                                       raw: receiveStripeEvent(observer)),
    ]
}
