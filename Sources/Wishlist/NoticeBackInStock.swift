import Customers
import HTTP
import Inventory
public import Outbox
public import Service
public import Storage
public import Values

/// The kind of the jobs for `noticeBackInStock`.
public let backInStockJobKind = "back_in_stock"

/// The time in seconds in which a customer gets one message about a product at most.
private let pauseSeconds: Int64 = 24 * 60 * 60

/// The time in seconds in which the wishlist of a product is read once at most.
private let readSeconds: Int64 = 60 * 60

/// Leaves jobs for events that say that a product has stock again.
///
/// A product that is out and back again within an hour gets its next job after that.
/// - Throws: `StoreError`.
public func enqueueBackInStock(
    about events: [Event], at now: Instant, in tx: any Transaction
) throws {
    for event in events where event.type == .stockBack {
        guard let id = Int64(event.subject.split(separator: "/").last ?? "") else { continue }
        let time = try reserveTime(
            of: "back in stock \(event.subject)", everySeconds: readSeconds, at: now, in: tx)
        guard let time else { continue }
        try enqueue(BackInStockJob(product: id, after: 0), at: now, until: time, in: tx)
    }
}

/// Leaves messages for `limit` customers who wished for a product, and a job for the next ones.
///
/// They need an active account with a verified address, and get one message about a product in 24
/// hours at most.
/// - Throws: `StoreError`; `Problem` if the payload is not that of such a job.
public func noticeBackInStock(
    _ payload: String, of shop: Shop, atMost limit: Int64 = 100, at now: Instant,
    in tx: any Transaction
) throws {
    let job = try jobPayload(payload, as: BackInStockJob.self)
    let context = ProductContext(currency: shop.currency)
    guard let product = try products([job.product], in: tx, context).first, product.isOnSale,
        product.stock > 0
    else { return }
    let customers = try tx.all(
        """
        SELECT customer_id FROM wishlist_items
        WHERE product_id = \(job.product) AND customer_id > \(job.after)
        ORDER BY customer_id LIMIT \(limit) \(.alone("wishlist_items"))
        """
    ) { try $0["customer_id"] as Int64 }
    let receivers = try mailReceivers(of: Set(customers), in: tx)
    for customer in customers {
        guard let receiver = receivers[customer], receiver.isVerified,
            try isDue(job.product, of: customer, at: now, in: tx)
        else { continue }
        let values = receiver.values.merging(["product": product.details.name]) { $1 }
        try enqueueMail(
            OutgoingMail(.backInStock, to: receiver.address, values: values), of: customer, at: now,
            in: tx)
    }
    guard customers.count == limit, let last = customers.last else { return }
    try enqueue(BackInStockJob(product: job.product, after: last), at: now, in: tx)
}

/// Notes a message for the wish; false if there was one in the last 24 hours.
private func isDue(
    _ product: Int64, of customer: Int64, at now: Instant, in tx: any Transaction
) throws -> Bool {
    try tx.run(
        """
        UPDATE wishlist_items SET noticed_at = \(now)
        WHERE customer_id = \(customer) AND product_id = \(product)
            AND (noticed_at IS NULL OR noticed_at <= \(now.adding(seconds: -pauseSeconds)))
        """) > 0
}

/// The customers after `after` who wished for a product.
private struct BackInStockJob: JSONWritable, Input {
    let product: Int64
    let after: Int64

    init(product: Int64, after: Int64) {
        self.product = product
        self.after = after
    }

    init(_ fields: inout Fields) {
        product = fields.required("product_id", .id)
        after = fields.required("after", .integer(0...Int64.max))
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("product_id", product)
            $0.field("after", after)
        }
    }
}

private func enqueue(
    _ job: BackInStockJob, at now: Instant, until time: Instant? = nil, in tx: any Transaction
) throws {
    let delayMs = (time ?? now).milliseconds - now.milliseconds
    try enqueue(
        backInStockJobKind, in: JobQueue("stock", job.product), job, of: nil, at: now,
        after: (delayMs + 999) / 1000, in: tx)
}
