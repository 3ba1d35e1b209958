import HTTP
import Sales
import Service
import Storage

/// The parameters of `GET /sales/invoices`.
///
/// The period includes `from` and excludes `to`.
struct InvoiceFilter: Input {
    let page: Page

    init(_ fields: inout Fields) {
        let from = fields.optional("from", .instant)
        let to = fields.optional("to", .instant)
        if let from, let to, from > to { fields.fault("from", "must not be after to") }
        page = fields.page(
            by: .descending(
                "-issued_at", "issued_at", from: from?.milliseconds,
                to: to.map { $0.milliseconds - 1 }))
    }
}

/// The parameters of `GET /sales/{id}/invoices`.
struct OrderInvoiceFilter: Input {
    let page: Page

    init(_ fields: inout Fields) {
        page = fields.page()
    }
}

/// Lists all invoices and credit notes, the newest first.
@Sendable func listInvoices(_ filter: InvoiceFilter, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let found = try filter.page.read { range in
        try tx.all(Invoice.self, "WHERE \(range.condition) \(range.end)")
    }
    return filter.page.response(found, to: call, id: \.id, key: \.issuedAt.stored)
}

/// Lists the invoice and the credit notes of an order, and issues first what is due.
///
/// - Throws: `Problem` 404 `order_not_found`.
@Sendable func listOrderInvoices(_ filter: OrderInvoiceFilter, _ call: Call) throws -> Response {
    let order = try issueDue(call)
    let found = try call.read { tx in
        try filter.page.read { range in
            try tx.all(
                Invoice.self, "WHERE order_id = \(order) AND \(range.condition) \(range.end)")
        }
    }
    return filter.page.response(found, to: call, id: \.id)
}
