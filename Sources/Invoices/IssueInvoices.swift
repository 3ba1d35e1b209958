import Crypto
import HTTP
import Outbox
import Sales
public import Service
public import Storage
public import Values

extension InvoicedOrder {
    /// Whether the order has an invoice: once it is paid, or shipped to be paid on delivery.
    var isInvoiced: Bool {
        paidAt != nil || paymentMethod == "cash_on_delivery" && shippedAt != nil
    }
}

/// The documents of an order that are due and have not been issued.
struct DueDocuments: Sendable {
    let order: InvoicedOrder
    /// The number of the invoice, if it has been issued.
    let invoice: InvoiceNumber?
    /// The refunds without a credit note.
    let refunds: [InvoicedRefund]

    var isEmpty: Bool { !order.isInvoiced || invoice != nil && refunds.isEmpty }

    /// `documents` are those of the order.
    private init(_ order: InvoicedOrder, without documents: [IssuedDocument]) {
        self.order = order
        invoice = documents.first { $0.refund == nil }?.number
        let credited = Set(documents.compactMap(\.refund))
        // A refund before the invoice became due, such as the cancellation of an unpaid order, does
        // not occur together with an invoice.
        refunds = order.refunds.filter { !credited.contains($0.id) }
    }

    /// Compares orders with their documents, by the numbers of the orders.
    static func of(_ orders: [Int64], in tx: any Transaction) throws -> [DueDocuments] {
        // The locks on the orders make issuers of the same order wait before they compare.
        let found = try invoicedOrders(orders, in: tx)
        let documents = Dictionary(
            grouping: try tx.all(
                IssuedDocument.self,
                """
                WHERE order_id IN \(orders.list(filledTo: ordersMax))
                ORDER BY id
                """), by: \.order)
        return found.map { DueDocuments($0, without: documents[$0.id] ?? []) }
    }
}

/// What has been issued for an order.
private struct IssuedDocument: Record {
    let order: Int64
    let number: InvoiceNumber
    /// The refund of a credit note; nil for an invoice.
    let refund: Int64?

    static let columns: SQL = "order_id, series, year, number, refund_event_id"
    static let source: SQL = "invoices"

    init(_ row: Row, _ context: Void) throws {
        order = try row["order_id"]
        number = InvoiceNumber(
            series: try row["series"], year: try row["year"], number: try row["number"])
        refund = try row["refund_event_id"]
    }
}

/// Issues the invoices and the credit notes of orders that are due and have not been issued.
///
/// Each document gets the next number of its series in the transaction that stores it. The lock on
/// the series is held until then, so this is never part of a purchase.
///
/// - Returns: the number of issued documents.
/// - Throws: `StoreError`.
@discardableResult
public func issueInvoices(
    of orders: [Int64], for shop: Shop, at now: Instant, in tx: any Transaction
) throws -> Int {
    // All orders are locked before the series, in their order, so that no two issuers deadlock.
    let due = try DueDocuments.of(orders, in: tx).filter { !$0.isEmpty }
    guard !due.isEmpty else { return 0 }
    let series = try InvoiceSeries(at: now, in: tx)
    let time = try series.timeOfNext(at: now, in: tx)
    var issuer = Issuer(
        seller: shop.seller, now: time, year: try year(of: time, in: tx), series: series)
    let count = try due.reduce(0) { try $0 + issuer.issue($1, in: tx) }
    try issuer.series.save(in: tx)
    return count
}

/// The year in the time zone of the reports.
private func year(of now: Instant, in tx: any Transaction) throws -> Int64 {
    Int64(try reportDay(of: now, in: tx).text.prefix(4)) ?? 0
}

/// Stores documents in the open series.
private struct Issuer {
    let seller: Seller
    let now: Instant
    let year: Int64
    var series: InvoiceSeries

    /// Issues the due documents of an order.
    ///
    /// - Returns: their number.
    mutating func issue(_ due: DueDocuments, in tx: any Transaction) throws -> Int {
        let invoice =
            try due.invoice ?? issue(.invoice, due.order.charged, of: due.order, in: tx)
        for refund in due.refunds {
            try issue(
                .creditNote, due.order.credited(by: refund), of: due.order, for: refund,
                reducing: invoice, in: tx)
        }
        return due.refunds.count + (due.invoice == nil ? 1 : 0)
    }

    /// Stores the next document of the series, and publishes it.
    ///
    /// - Returns: its number.
    @discardableResult
    private mutating func issue(
        _ kind: InvoiceKind, _ amounts: Amounts, of order: InvoicedOrder,
        for refund: InvoicedRefund? = nil, reducing invoice: InvoiceNumber? = nil,
        in tx: any Transaction
    ) throws -> InvoiceNumber {
        let number = series.next(in: year)
        let previous = series.lastHash
        let body = JSONWriter.bytes(
            of: InvoiceDocument(
                number: number, kind: kind, issuedAt: now, order: order, refund: refund,
                invoice: invoice, seller: seller, amounts: amounts, previousHash: previous))
        let (text, hash) = (String(decoding: body, as: UTF8.self), SHA256.hash(body).hexadecimal)
        _ = try tx.insert(
            """
            INSERT INTO invoices (series, year, number, kind, order_id, refund_event_id, total,
                tax, currency, issued_at, body, hash, previous_hash)
            VALUES (\(number.series), \(number.year), \(number.number), \(kind), \(order.id),
                \((refund?.id).stored), \(amounts.total), \(amounts.tax), \(order.currency),
                \(now), \(text), \(hash), \(previous.stored))
            """)
        series.add(number, hash: hash)
        // By the shop, also if a reader asked for the document before the courier issued it.
        try publish(
            .invoiceIssued, on: "/sales/\(order.id)/invoices/\(number.text)",
            StoredDocument(body: text, hash: hash), of: order.customer, by: nil, at: now, in: tx)
        return number
    }
}
