public import Service

/// The routes of orders and reports; `observers` are called when products are returned.
// swift-format-ignore
public func routes(with observers: [ReturnObserver]) -> [Route] {
    [
        .post("/sales",                      .customer, body:  NewOrder.self,    createOrder),
        .get ("/sales",                      .customer, query: OrderFilter.self, listOrders),
        .get ("/sales/reports/daily",        .staff,    query: ReportRange.self, getDailySales),
        .get ("/sales/reports/top-products", .staff,    query: ReportRange.self, getTopProducts),
        .get ("/sales/:id",                  .customer,                          getOrder),
        .post("/sales/:id/cancel",           .customer,                          cancelOrder(observers)),
        .post("/sales/:id/ship",             .staff,                             shipOrder),
        .post("/sales/:id/deliver",          .staff,                             deliverOrder),
        .post("/sales/:id/refund",           .staff,    body:  Refund.self,      refundOrder(observers)),
    ]
}
