import HTTP
public import Outbox
public import Service
public import Storage
public import Values

/// The kind of the jobs for `issueInvoices`.
public let invoiceJobKind = "issue_invoices"

/// The most orders of a job, whose transaction keeps other writers waiting.
let ordersMax = 32

/// The number of queues.
///
/// The job that a killed courier had in progress keeps its queue waiting for a minute.
private let lanes: Int64 = 8

/// Enqueues jobs for the orders of which events may make a document due.
/// - Throws: `StoreError`.
public func enqueueInvoices(about events: [Event], at now: Instant, in tx: any Transaction) throws {
    let orders = Set(events.compactMap(\.invoicedOrder)).sorted()
    // Jobs of their own, because a failure of the reader would stop the feed.
    for start in stride(from: 0, to: orders.count, by: ordersMax) {
        try enqueue(Array(orders[start...].prefix(ordersMax)), at: now, in: tx)
    }
}

/// Issues the documents of a job's orders that are due.
///
/// A job that has failed before is divided into one for each order, so that an order that cannot be
/// invoiced delays no other.
/// - Throws: `StoreError`; `Problem` if the payload is not that of such a job.
public func issueInvoices(
    _ payload: String, isRetry: Bool, for shop: Shop, at now: Instant, in tx: any Transaction
) throws {
    let orders = try jobPayload(payload, as: InvoiceJob.self).orders
    guard isRetry, orders.count > 1 else {
        try issueInvoices(of: orders, for: shop, at: now, in: tx)
        return
    }
    for order in orders { try enqueue([order], at: now, in: tx) }
}

private func enqueue(_ orders: [Int64], at now: Instant, in tx: any Transaction) throws {
    try enqueue(
        invoiceJobKind, in: .lane("invoices", of: lanes, for: orders.first ?? 0),
        InvoiceJob(orders: orders), of: nil, at: now, in: tx)
}

extension Event {
    /// The order of which the event may make a document due.
    fileprivate var invoicedOrder: Int64? {
        switch type {
        case .orderPaid, .orderShipped, .orderRefunded, .orderCancelled:
            Int64(subject.split(separator: "/").last ?? "")
        default: nil
        }
    }
}

/// Orders whose documents may be due.
private struct InvoiceJob: JSONWritable, Input {
    let orders: [Int64]

    init(orders: [Int64]) {
        self.orders = orders
    }

    init(_ fields: inout Fields) {
        orders = fields.values("order_ids", count: 1...ordersMax, .id)
    }

    func write(to json: inout JSONWriter) {
        json.object { $0.field("order_ids", orders) }
    }
}
