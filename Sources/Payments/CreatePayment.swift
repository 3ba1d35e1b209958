import Crypto
import HTTP
import Outbox
public import Service
public import Storage
public import Values

/// A payment that is asked for.
public struct NewPayment: Sendable {
    /// The owner of the wallet that gets the money.
    public let customer: Int64
    /// The order that it pays; nil for a top-up.
    public let order: Int64?
    /// How the customer pays.
    public let method: PaymentMethod
    /// How much.
    public let amount: Money
    /// The page to which the provider sends the customer back.
    public let returnURL: String
    /// The time after which the provider accepts no payment.
    public let expiresAt: Instant

    /// A payment.
    public init(
        of customer: Int64, for order: Int64?, by method: PaymentMethod, amount: Money,
        returnURL: String, expiresAt: Instant
    ) {
        self.customer = customer
        self.order = order
        self.method = method
        self.amount = amount
        self.returnURL = returnURL
        self.expiresAt = expiresAt
    }
}

/// The most pending payments of a customer.
private let pendingMax: Int64 = 20

/// Creates a payment, and leaves the courier a job that starts it at the provider.
///
/// - Throws: `Problem` 422 `quota_exceeded`.
public func createPayment(_ new: NewPayment, _ call: Call, in tx: any Transaction) throws -> Payment
{
    let last = try tx.first(
        """
        SELECT id FROM payments WHERE customer_id = \(new.customer) AND status = 'pending'
        ORDER BY id LIMIT 1 OFFSET \(pendingMax - 1)
        """)
    guard last == nil else {
        throw Problem.quotaExceeded(
            "At most \(pendingMax) payments may be pending. Pay one, or wait until it expires.")
    }
    let provider = new.method == .card ? StripeProvider.name : TestProvider.name
    let id = try tx.insert(
        """
        INSERT INTO payments (ref, customer_id, order_id, method, provider, status, amount,
            captured, refunded, provider_refunded, currency, return_url, expires_at, created_at)
        VALUES (\(newRef()), \(new.customer), \(new.order.stored), \(new.method), \(provider),
            'pending', \(new.amount), 0, 0, 0, \(call.shop.currency), \(new.returnURL),
            \(new.expiresAt), \(call.now))
        """)
    try enqueue(PaymentJob.start(id), for: new.customer, at: call.now, in: tx)
    return try payment(id, in: tx)
}

/// 128 random bits: the reference of a payment or refund, and its idempotency key.
func newRef() -> String { randomBytes(16).hexadecimal }

/// Returns a payment, locked in a write.
///
/// - Throws: `Problem` 404 `payment_not_found`.
func payment(_ id: Int64, in tx: any Transaction) throws -> Payment {
    let found = try payments("WHERE payments.id = \(id) \(.alone("payments"))", in: tx).first
    guard let found else { throw paymentNotFound }
    return found
}
