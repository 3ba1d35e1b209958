public import Service

/// The routes of orders and reports; `observers` are called when products are returned.
// swift-format-ignore
public func routes(with observers: [ReturnObserver]) -> [Route] {
    [
        .post("/sales",                      .anyone,   body:  NewOrder.self,    if: \.needsOwnTransactions, outside: createOrder, announcing: announceStock, createOrder),
        .get ("/sales",                      .customer, query: OrderFilter.self, listOrders),
        .get ("/sales/reports/daily",        .staff,    query: ReportRange.self, getDailySales),
        .get ("/sales/reports/top-products", .staff,    query: ReportRange.self, getTopProducts),
        .get ("/sales/reports/taxes",        .staff,    query: ReportRange.self, getTaxes),
        .get ("/sales/reports/liabilities",  .staff,                             outside: getLiabilities),
        .get ("/sales/returns",              .staff,    query: ReturnFilter.self, listReturns),
        .get ("/sales/:id",                  .buyer,                             getOrder),
        .get ("/sales/:id/payments",         .buyer,                             listOrderPayments),
        .post("/sales/:id/payments",         .buyer,    body:  NewOrderPayment.self, createOrderPayment),
        .post("/sales/:id/cancel",           .buyer,                             cancelOrder(observers)),
        .post("/sales/:id/ship",             .staff,    optionalBody: NewShipment.self, shipOrder),
        .patch("/sales/:id/shipments/:n",    .staff,    body:  ShipmentChange.self, updateShipment),
        .post("/sales/:id/deliver",          .staff,                             deliverOrder),
        .post("/sales/:id/refund",           .staff,    body:  Refund.self,      refundOrder(observers)),
        .get ("/sales/:id/returns",          .buyer,                             listOrderReturns),
        .post("/sales/:id/returns",          .buyer,    body:  NewReturn.self,   createReturn),
        .get ("/sales/:id/returns/:n",       .buyer,                             getReturn),
        .post("/sales/:id/returns/:n/approve", .staff,                           approveReturn),
        .post("/sales/:id/returns/:n/decline", .staff,  body:  ReturnDecline.self, declineReturn),
        .post("/sales/:id/returns/:n/receive", .staff,  body:  ReturnReceipt.self, receiveReturn(observers)),
    ]
}
