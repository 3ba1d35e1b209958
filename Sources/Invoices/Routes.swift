import Sales
public import Service

/// The routes of invoices and credit notes, which the sales responder serves.
// swift-format-ignore
public let routes: [Route] = [
    .get("/sales/invoices",              .staff,    query: InvoiceFilter.self,      listInvoices),
    .get("/sales/:id/invoice",           .buyer,                                    outside: getInvoice),
    .get("/sales/:id/invoices",          .buyer,    query: OrderInvoiceFilter.self, outside: listOrderInvoices),
    .get("/sales/:id/invoices/:number",  .buyer,                                    outside: getInvoiceByNumber),
]
