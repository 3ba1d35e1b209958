import HTTP
public import Storage
public import Values

/// The number of messages that a reconciliation has found, by result.
public struct Reconciliation: Sendable {
    /// Messages that the shop had not booked.
    public var applied = 0
    /// Messages that the shop had booked before, or that do not concern it.
    public var known = 0
    /// Messages about payments that the shop does not know.
    public var unmatched = 0
    /// Messages of a known type that cannot be read.
    public var unreadable = 0
}

/// Why a reconciliation ended early.
public struct ReconciliationFailure: Error, CustomStringConvertible {
    /// The reason, in a sentence.
    public let description: String
}

/// Books the messages that Stripe has kept since a time, at most 30 days, as if they came again.
///
/// - Throws: `ReconciliationFailure` if Stripe does not answer, and `StoreError`.
public func reconcile(
    withStripe url: String, key: String, since: Instant, on store: some Store,
    _ observer: PaymentObserver, send: Sender
) throws -> Reconciliation {
    let account = StripeAccount(key: key, url: url)
    var found = Reconciliation()
    var last: String?
    repeat {
        let page: (events: [ClientJSON], last: String?)
        switch account.events(since: since.milliseconds / 1000, after: last, send) {
        case .success(let value): page = value
        case .retry(let error), .rejected(let error):
            throw ReconciliationFailure(description: error)
        }
        for message in page.events { try found.book(message, on: store, observer) }
        last = page.last
    } while last != nil
    return found
}

extension Reconciliation {
    /// Books a message, and counts its result.
    fileprivate mutating func book(
        _ message: ClientJSON, on store: some Store, _ observer: PaymentObserver
    ) throws {
        let event: ProviderEvent?
        do {
            event = try StripeEvent.read(message)
        } catch is StripeEvent.Unreadable {
            unreadable += 1
            return
        }
        guard let event else {
            known += 1
            return
        }
        let now = Instant.now()
        let result = try store.write {
            try record(event, from: StripeProvider.name, at: now, in: $0, observer)
        }
        switch result {
        case .applied: applied += 1
        case .duplicate: known += 1
        case .unmatched: unmatched += 1
        }
    }
}

/// A message about a payment that the shop does not know.
public struct UnmatchedEvent: Record, JSONWritable {
    /// The row's id.
    public let id: Int64
    /// The provider's number.
    public let event: String
    /// The provider's type of the message.
    public let type: String
    /// The amount in it.
    public let amount: Money
    /// The provider's payment.
    public let providerPayment: String?
    /// When it came.
    public let createdAt: Instant

    /// The columns of a message.
    public static let columns: SQL = "id, event_id, type, amount, provider_payment, created_at"
    /// The table of messages.
    public static let source: SQL = "payment_events"

    /// Decodes a row with `columns`.
    public init(_ row: Row, _ context: Void) throws {
        id = try row["id"]
        event = try row["event_id"]
        type = try row["type"]
        amount = try row["amount"]
        providerPayment = try row["provider_payment"]
        createdAt = try row["created_at"]
    }

    /// Writes the message.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("event_id", event)
            $0.field("type", type)
            $0.field("amount", amount)
            $0.field("provider_payment", providerPayment)
            $0.field("created_at", createdAt)
        }
    }
}

/// The messages about payments that the shop does not know, newest first, before the number `id`.
public func unmatchedEvents(before id: Int64, limit: Int64, in tx: any Transaction) throws
    -> [UnmatchedEvent]
{
    try tx.all(
        UnmatchedEvent.self,
        "WHERE payment_id IS NULL AND id < \(id) ORDER BY id DESC LIMIT \(limit)")
}

/// Payments after the number `id` as staff see them, oldest first, with a status or all.
public func payments(
    _ status: PaymentStatus?, after id: Int64, limit: Int64, in tx: any Transaction
) throws -> [Payment] {
    let condition: SQL = status.map { "payments.status = \($0) AND" } ?? ""
    return try payments(
        "WHERE \(condition) payments.id > \(id) ORDER BY payments.id LIMIT \(limit)", in: tx
    ).map(\.forStaff)
}
