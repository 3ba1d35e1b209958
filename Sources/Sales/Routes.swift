public import Service

/// What the sales responder answers; `observers` are called when products are returned.
///
/// A table, so it is read by column.
// swift-format-ignore
public func routes(with observers: [ReturnObserver]) -> [Route] {
    [
        .post("/sales",                      .customer, body:  Order.self,       sell),
        .get ("/sales",                      .customer, query: SaleFilter.self,  listSales),
        .get ("/sales/reports/daily",        .staff,    query: ReportRange.self, reportDays),
        .get ("/sales/reports/top-products", .staff,    query: ReportRange.self, reportTopProducts),
        .get ("/sales/:id",                  .customer,                          showSale),
        .post("/sales/:id/cancel",           .customer,                          cancelSale(observers)),
        .post("/sales/:id/ship",             .staff,                             shipSale),
        .post("/sales/:id/deliver",          .staff,                             deliverSale),
        .post("/sales/:id/refund",           .staff,    body:  Refund.self,      refundSale(observers)),
    ]
}
