import Customers
public import HTTP
public import Service
public import Storage
public import Values

/// The status of a payment.
public enum PaymentStatus: String, Sendable, CaseIterable, Storable, JSONWritable {
    /// No money has come.
    case pending
    /// The amount has come, and is in the buyer's wallet.
    case captured
    /// The provider rejected it, or did not start it.
    case failed
    /// It was not paid in time.
    case expired
    /// Another amount or currency came, or no wallet could be credited.
    case mismatch
    /// The buyer disputes it at their bank, or has won such a dispute.
    case disputed
}

/// Money that comes from outside into a wallet.
public struct Payment: Sendable {
    /// The number.
    public let id: Int64
    /// The random reference by which the provider identifies it.
    public let ref: String
    /// The owner of the wallet.
    public let customer: Int64
    let username: String
    /// The order that it pays; nil for a top-up.
    public let order: Int64?
    /// How the customer pays.
    public let method: PaymentMethod
    /// The name of the provider.
    public let provider: String
    /// Its status.
    public let status: PaymentStatus
    /// The requested amount.
    public let amount: Money
    /// The amount that has come and was credited to the wallet.
    public let captured: Money
    /// The amount that was refunded, or whose refund is in progress.
    public let refunded: Money
    let providerRefunded: Money
    let currency: String
    let returnURL: String?
    /// The page on which the customer pays; nil until the provider has answered.
    public let url: String?
    let providerID: String?
    let providerPayment: String?
    /// The provider's message about a payment that it rejected, for staff.
    let error: String?
    /// What staff wrote about money that they have received; nil for other payments.
    let reference: String?
    /// The time after which the provider accepts no payment.
    public let expiresAt: Instant
    /// When the money came; nil if none has.
    public let capturedAt: Instant?
    /// When the last dispute ended; nil if none has.
    let disputeEndedAt: Instant?
    let createdAt: Instant
    var events: [PaymentEvent] = []
    private var isForStaff = false

    /// The path, as events and the audit log name it.
    public var path: String { "/sales/payments/\(id)" }

    /// The payment with the provider's message about a failure.
    var forStaff: Payment {
        var payment = self
        payment.isForStaff = true
        return payment
    }

    /// The payment as a caller sees it.
    func shown(to caller: Caller) -> Payment { caller.isAtLeast(.staff) ? forStaff : self }
}

/// What customers read instead of the provider's message, which may be about the shop's account.
private let failureText = "The provider could not start the payment. Try again, or pay otherwise."

/// A message of the provider about a payment.
struct PaymentEvent: Sendable {
    let payment: Int64
    let type: String
    let amount: Money
    let createdAt: Instant
}

extension Payment: Record {
    /// The columns of a payment.
    public static let columns: SQL = """
        payments.id, payments.ref, payments.customer_id, customers.username, payments.order_id,
        payments.method, payments.provider, payments.status, payments.amount, payments.captured,
        payments.refunded, payments.provider_refunded, payments.currency, payments.return_url,
        payments.url, payments.provider_id, payments.provider_payment, payments.error,
        payments.reference, payments.expires_at, payments.captured_at, payments.dispute_ended_at, payments.created_at
        """
    /// The payments with their customers.
    public static let source: SQL =
        "payments JOIN customers ON customers.id = payments.customer_id"

    /// Decodes a row with `columns`.
    public init(_ row: Row, _ context: Void) throws {
        id = try row["id"]
        ref = try row["ref"]
        customer = try row["customer_id"]
        username = try row["username"]
        order = try row["order_id"]
        method = try row["method"]
        provider = try row["provider"]
        status = try row["status"]
        amount = try row["amount"]
        captured = try row["captured"]
        refunded = try row["refunded"]
        providerRefunded = try row["provider_refunded"]
        currency = try row["currency"]
        returnURL = try row["return_url"]
        url = try row["url"]
        providerID = try row["provider_id"]
        providerPayment = try row["provider_payment"]
        error = try row["error"]
        reference = try row["reference"]
        expiresAt = try row["expires_at"]
        capturedAt = try row["captured_at"]
        disputeEndedAt = try row["dispute_ended_at"]
        createdAt = try row["created_at"]
    }
}

extension PaymentEvent: Record {
    static let columns: SQL = "payment_id, type, amount, created_at"
    static let source: SQL = "payment_events"

    init(_ row: Row, _ context: Void) throws {
        payment = try row["payment_id"]
        type = try row["type"]
        amount = try row["amount"]
        createdAt = try row["created_at"]
    }
}

extension Payment: JSONWritable {
    /// Writes the payment as its GET shows it; events have it as customers see it.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("ref", ref)
            $0.field("username", isGuest(username) ? nil : username)
            $0.field("purpose", order == nil ? "top_up" : "order")
            $0.field("order_id", order)
            $0.field("method", method)
            $0.field("provider", provider)
            $0.field("status", status)
            $0.field("amount", amount)
            $0.field("captured", captured)
            $0.field("refunded", refunded)
            $0.field("currency", currency)
            $0.field("url", url)
            $0.field("error", isForStaff ? error : error.map { _ in failureText })
            $0.field("reference", reference)
            $0.field("expires_at", expiresAt)
            $0.field("dispute_ended_at", disputeEndedAt)
            $0.field("created_at", createdAt)
            $0.field("events", events)
        }
    }
}

/// A payment as its order shows it.
public struct PaymentSummary: Sendable, JSONWritable {
    let payment: Payment

    /// Creates a summary.
    public init(_ payment: Payment) { self.payment = payment }

    /// Writes the summary.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", payment.id)
            $0.field("ref", payment.ref)
            $0.field("method", payment.method)
            $0.field("provider", payment.provider)
            $0.field("status", payment.status)
            $0.field("amount", payment.amount)
            $0.field("captured", payment.captured)
            $0.field("refunded", payment.refunded)
            $0.field("url", payment.url)
            $0.field("expires_at", payment.expiresAt)
        }
    }
}

extension PaymentEvent: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("type", type)
            $0.field("amount", amount)
            $0.field("created_at", createdAt)
        }
    }
}

/// The payments that `clause` selects, with their events by age.
func payments(_ clause: SQL, in tx: any Transaction) throws -> [Payment] {
    var payments = try tx.all(Payment.self, clause)
    let events = Dictionary(
        grouping: try tx.all(
            PaymentEvent.self,
            "WHERE payment_id IN \(payments.map(\.id).list) ORDER BY payment_id, id"),
        by: \.payment)
    for index in payments.indices {
        payments[index].events = events[payments[index].id, default: []]
    }
    return payments
}

/// The payments of some orders by order, oldest first and without their events.
public func payments(ofOrders orders: [Int64], in tx: any Transaction) throws -> [Int64: [Payment]]
{
    let found = try tx.all(
        Payment.self,
        """
        WHERE payments.order_id IN \(orders.list) AND payments.order_id IS NOT NULL
        ORDER BY payments.order_id, payments.id
        """)
    return Dictionary(grouping: found) { $0.order ?? 0 }
}

/// The payments of an order as a caller sees them, oldest first and with their events.
public func payments(ofOrder order: Int64, shownTo caller: Caller, in tx: any Transaction) throws
    -> [Payment]
{
    try payments("WHERE payments.order_id = \(order) ORDER BY payments.id", in: tx)
        .map { $0.shown(to: caller) }
}

/// 404: there is no such payment, or the caller may not see it.
public let paymentNotFound = Problem.notFound("payment_not_found", "There is no such payment.")
