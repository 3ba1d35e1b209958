import HTTP
import Sales
import Service
import Storage

/// Shows the invoice of an order, and issues it first if it is due.
///
/// - Throws: `Problem` 404 `order_not_found`, `invoice_not_found`.
@Sendable func getInvoice(_ call: Call) throws -> Response {
    let order = try issueDue(call)
    return try show(
        "WHERE order_id = \(order) AND kind = \(InvoiceKind.invoice)", to: call)
}

/// Shows an invoice or a credit note of an order.
///
/// - Throws: `Problem` 404 `order_not_found`, `invoice_not_found`.
@Sendable func getInvoiceByNumber(_ call: Call) throws -> Response {
    let order = try issueDue(call)
    guard let number = InvoiceNumber(text: call.text("number")) else { throw noInvoice }
    return try show(
        """
        WHERE series = \(number.series) AND year = \(number.year) AND number = \(number.number)
            AND order_id = \(order)
        """, to: call)
}

private let noInvoice = Problem.notFound("invoice_not_found", "There is no such invoice.")

/// Shows a document as JSON, or as a page to print for clients that prefer HTML.
private func show(_ clause: SQL, to call: Call) throws -> Response {
    let type = call.request.preferredType(of: [.json, .html])
    let body: [UInt8] = try call.read { tx in
        guard let document = try tx.first(StoredDocument.self, clause) else { throw noInvoice }
        guard type == .html else { return JSONWriter.bytes(of: document) }
        let page = try InvoicePage(document) { try reportDay(of: $0, in: tx) }
        return Array(page.html.utf8)
    }
    return .negotiated(type, body)
}

/// Issues what is due of the order in the path, which the caller may see.
///
/// The courier does that within a second. This makes it independent of the courier, and covers
/// orders from before the first invoice.
///
/// - Returns: the number of the order.
/// - Throws: `Problem` 404 `order_not_found`.
func issueDue(_ call: Call) throws -> Int64 {
    let order = try call.id()
    let isDue = try call.read { tx in
        try requireVisibleOrder(call, in: tx)
        return try DueDocuments.of([order], in: tx).contains { !$0.isEmpty }
    }
    if isDue {
        let (shop, now) = (call.shop, call.now)
        try call.commit { tx in try issueInvoices(of: [order], for: shop, at: now, in: tx) }
    }
    return order
}
