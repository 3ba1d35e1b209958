import Crypto
import Customers
import HTTP
import Outbox
public import Service
public import Storage
public import Values

/// A requested payment.
public struct NewPayment: Sendable {
    /// The owner of the wallet that gets the money.
    public let customer: Int64
    /// The order that it pays; nil for a top-up.
    public let order: Int64?
    /// How the customer pays.
    public let method: PaymentMethod
    /// The requested amount.
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

/// Creates a payment, and enqueues a job that starts it at the provider.
///
/// - Throws: `Problem` 409 `payment_method_not_allowed` if a card cannot pay the amount; 422
///   `quota_exceeded`.
public func createPayment(_ new: NewPayment, _ call: Call, in tx: any Transaction) throws -> Payment
{
    if new.method == .card { try requirePayable(new.amount, call.shop.currency) }
    try refuseManyPending(of: new.customer, at: call.now, in: tx)
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

/// Rejects an amount that the provider of card payments cannot express.
private func requirePayable(_ amount: Money, _ currency: String) throws {
    guard StripeAmount.amount(amount, currency) == nil else { return }
    let units = StripeAmount.step(of: currency).map {
        "multiples of \(formatted($0.minorUnits, currency: currency))"
    }
    throw Problem.conflict(
        "payment_method_not_allowed",
        "Cards cannot pay \(formatted(amount.minorUnits, currency: currency)), only "
            + "\(units ?? "other currencies"). Choose another payment method.")
}

/// Rejects another payment of a customer who has many pending ones.
///
/// A payment whose time was over an hour ago ends here: the provider's message about that was lost.
/// Money that still comes is credited to the wallet.
private func refuseManyPending(of customer: Int64, at now: Instant, in tx: any Transaction) throws {
    // Concurrent payments do not see each other.
    try tx.lock("pending payments of \(customer)")
    let pending: SQL = "WHERE customer_id = \(customer) AND status = 'pending'"
    let last = try tx.first(
        "SELECT id FROM payments \(pending) ORDER BY id LIMIT 1 OFFSET \(pendingMax - 1)")
    guard last != nil else { return }
    let lost: [Int64] = try tx.all(
        """
        SELECT id FROM payments \(pending) AND expires_at < \(now.adding(seconds: -3600))
        ORDER BY id LIMIT \(pendingMax) \(.alone("payments"))
        """
    ) { try $0["id"] }
    guard !lost.isEmpty else {
        throw Problem.quotaExceeded(
            "At most \(pendingMax) payments may be pending. Pay one, or wait until it expires.")
    }
    for id in lost { try end(id, as: .expired, at: now, in: tx) }
}

/// The provider of money that staff have received.
let manualProvider = "manual"

/// Books money that staff have received for an order, and credits it to the buyer's wallet.
///
/// The method is cash or a bank transfer. `reference` is a note of staff about the money, such as
/// the number of a bank statement.
///
/// - Returns: the payment, which is captured.
/// - Throws: `Problem` 409 `customer_erased`, `wallet_full`.
public func bookPayment(
    _ amount: Money, by method: PaymentMethod, _ reference: String, forOrder order: Int64,
    of customer: Int64, _ call: Call, in tx: any Transaction
) throws -> Payment {
    let (ref, now) = (newRef(), call.now)
    let id = try tx.insert(
        """
        INSERT INTO payments (ref, customer_id, order_id, method, provider, status, amount,
            captured, refunded, provider_refunded, currency, reference, expires_at, captured_at,
            created_at)
        VALUES (\(ref), \(customer), \(order), \(method), \(manualProvider), 'captured', \(amount),
            \(amount), 0, 0, \(call.shop.currency), \(reference), \(now), \(now), \(now))
        """)
    try tx.run(
        """
        INSERT INTO payment_events (payment_id, provider, event_id, type, change, amount, currency,
            captured, created_at)
        VALUES (\(id), \(manualProvider), \(ref), 'manual.booked', 'captured', \(amount),
            \(call.shop.currency), \(amount), \(now))
        """)
    try creditWallet(
        amount, of: customer,
        for: .init(.paidIn, by: call.caller.id, order: order, payment: id, at: now), in: tx)
    let payment = try payment(id, in: tx)
    try publish(.paymentCaptured, on: payment.path, payment, of: customer, by: call, in: tx)
    return payment
}

/// Ends the payments of an order that wait for money.
///
/// Money that still comes is credited to the wallet.
public func endPayments(ofOrder order: Int64, at now: Instant, in tx: any Transaction) throws {
    let waiting: [Int64] = try tx.all(
        """
        SELECT id FROM payments
        WHERE order_id = \(order) AND order_id IS NOT NULL AND status = 'pending' ORDER BY id
        """
    ) { try $0["id"] }
    for id in waiting { try end(id, as: .expired, at: now, in: tx) }
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
