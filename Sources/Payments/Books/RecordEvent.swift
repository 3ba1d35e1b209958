import Customers
import Outbox
import Storage
import Values

/// How a message of a provider was handled.
enum EventResult: String, Sendable {
    case applied
    /// The same message was booked before.
    case duplicate
    /// No payment has its reference; the message is kept.
    case unmatched
}

/// Books a message of a provider once, whatever the order in which messages arrive.
///
/// - Throws: `StoreError`.
func record(
    _ event: ProviderEvent, from provider: String, at now: Instant, in tx: any Transaction,
    _ observer: PaymentObserver
) throws -> EventResult {
    let payment = try payment(of: event, from: provider, in: tx, observer)
    let captured = try payment.map { try $0.capturable(by: event, in: tx) } ?? .zero
    guard
        try store(
            event, from: provider, of: payment?.id, captured: captured, at: now, in: tx)
    else { return .duplicate }
    guard let payment else { return .unmatched }
    try apply(event, captured: captured, to: payment, at: now, in: tx, observer)
    return .applied
}

/// The payment that a message is about, locked until the end of the transaction.
///
/// Its order is locked first, as in a refund, so that the two cannot deadlock.
private func payment(
    of event: ProviderEvent, from provider: String, in tx: any Transaction,
    _ observer: PaymentObserver
) throws -> Payment? {
    // A message by the provider's name and the one that tells the name to the shop, which come at
    // once, do not see each other.
    if let name = event.providerPayment { try tx.lock("provider payment \(name)") }
    let isMeant: SQL
    if let ref = event.ref {
        isMeant = "payments.ref = \(ref)"
    } else if let name = event.providerPayment {
        isMeant = "payments.provider_payment = \(name)"
    } else {
        return nil
    }
    let condition: SQL = "WHERE \(isMeant) AND payments.provider = \(provider)"
    let row = try tx.first("SELECT id, order_id FROM payments \(condition)")
    guard let row else { return nil }
    if let order: Int64 = try row["order_id"] { try observer.lock(order, tx) }
    return try payment(try row["id"], in: tx)
}

/// Stores a message.
///
/// - Returns: false if it is there already.
private func store(
    _ event: ProviderEvent, from provider: String, of payment: Int64?, captured: Money,
    at now: Instant, in tx: any Transaction
) throws -> Bool {
    var currency = ""
    if case .captured(_, let name) = event.change { currency = name }
    return try tx.run(
        """
        INSERT INTO payment_events (payment_id, provider, event_id, type, change, object_id,
            amount, currency, captured, provider_payment, created_at)
        VALUES (\(payment.stored), \(provider), \(event.id), \(event.type),
            \(event.change.name), \(event.change.object.stored), \(event.amount), \(currency),
            \(captured), \(event.providerPayment.stored), \(now))
        ON CONFLICT (provider, event_id) DO NOTHING
        """) == 1
}

private func apply(
    _ event: ProviderEvent, captured: Money, to payment: Payment, at now: Instant,
    in tx: any Transaction, _ observer: PaymentObserver
) throws {
    switch event.change {
    case .captured(let amount, let currency):
        guard payment.capturedAt == nil else { return }
        let isExact =
            captured == payment.amount && amount == payment.amount && currency == payment.currency
        try capture(
            captured, of: payment, as: isExact ? .captured : .mismatch, event, at: now, in: tx,
            observer)
    case .failed, .expired:
        // Nobody has the page of a session that a later one has replaced.
        guard event.providerID == payment.providerID else { return }
        try end(
            payment.id, as: event.change == .failed ? .failed : .expired, at: now, in: tx)
    case .refunded(let total):
        try tx.run(
            """
            UPDATE payments SET provider_refunded = \(total)
            WHERE id = \(payment.id) AND provider_refunded < \(total)
            """)
        try bookProviderRefunds(of: payment.id, at: now, in: tx)
    case .refundFailed(let refund):
        try bookFailedRefund(refund, of: payment, at: now, in: tx, observer)
    case .disputed(let dispute): try note(dispute, of: payment, at: now, in: tx)
    case .disputeEnded(let dispute, let isLost):
        try end(dispute, of: payment, isLost: isLost, at: now, in: tx, observer)
    case .nothing: return
    }
}

extension Payment {
    /// The money that a message credits to the wallet, if it is the first one that reports it.
    ///
    /// Money in another currency, or for a wallet that cannot be credited, stays at the provider,
    /// and staff must refund it there.
    fileprivate func capturable(by event: ProviderEvent, in tx: any Transaction) throws -> Money {
        guard case .captured(let amount, let currency) = event.change, capturedAt == nil,
            currency == self.currency,
            try canCredit(amount, to: customer, in: tx)
        else { return .zero }
        return amount
    }
}

/// Credits the money to the wallet, and pays the order from it.
///
/// Refunds are booked afterwards, so that the order in which messages arrive makes no difference.
private func capture(
    _ captured: Money, of payment: Payment, as status: PaymentStatus, _ event: ProviderEvent,
    at now: Instant, in tx: any Transaction, _ observer: PaymentObserver
) throws {
    try tx.run(
        """
        UPDATE payments SET status = \(status), captured = \(captured), captured_at = \(now),
            provider_id = COALESCE(\(event.providerID.stored), provider_id),
            provider_payment = COALESCE(\(event.providerPayment.stored), provider_payment)
        WHERE id = \(payment.id)
        """)
    if captured > .zero {
        try creditWallet(
            captured, of: payment.customer,
            for: .init(
                .paidIn, by: payment.customer, order: payment.order, payment: payment.id, at: now),
            in: tx)
    }
    try publishPayment(
        status == .captured ? .paymentCaptured : .paymentMismatched, payment.id, at: now, in: tx)
    if captured > .zero, let order = payment.order { try observer.credited(order, now, tx) }
    try bookProviderRefunds(of: payment.id, at: now, in: tx)
    if let name = event.providerPayment {
        try matchEvents(of: name, to: payment, at: now, in: tx, observer)
    }
}

/// Ends a payment without money, unless money has come.
///
/// `error` is the reason, if it is a failure of the provider.
func end(
    _ payment: Int64, as status: PaymentStatus, because error: String? = nil, at now: Instant,
    in tx: any Transaction
) throws {
    let isChanged =
        try tx.run(
            """
            UPDATE payments SET status = \(status), error = \(error.stored)
            WHERE id = \(payment) AND status = 'pending'
            """) == 1
    if isChanged { try publishPayment(.paymentFailed, payment, at: now, in: tx) }
}

/// Applies the messages about a provider's payment that came before the one that names it.
private func matchEvents(
    of name: String, to payment: Payment, at now: Instant, in tx: any Transaction,
    _ observer: PaymentObserver
) throws {
    let waiting = try tx.all(
        WaitingEvent.self,
        """
        WHERE payment_id IS NULL AND provider_payment = \(name) ORDER BY id
        \(.alone("payment_events"))
        """)
    for event in waiting {
        try tx.run("UPDATE payment_events SET payment_id = \(payment.id) WHERE id = \(event.id)")
        guard let change = event.change else { continue }
        let late = ProviderEvent(id: "", type: "", change: change, ref: nil)
        let current = try Payments.payment(payment.id, in: tx)
        try apply(late, captured: .zero, to: current, at: now, in: tx, observer)
    }
}

/// A message that came before the one that names its payment.
private struct WaitingEvent: Record {
    let id: Int64
    let change: ProviderEvent.Change?

    static let columns: SQL = "id, change, object_id, amount"
    static let source: SQL = "payment_events"

    init(_ row: Row, _ context: Void) throws {
        id = try row["id"]
        change = .init(unmatched: try row["change"], try row["amount"], try row["object_id"])
    }
}

/// Records an event of the shop about a payment.
func publishPayment(
    _ type: EventType, _ id: Int64, at now: Instant, in tx: any Transaction
) throws {
    let payment = try payment(id, in: tx)
    try publish(
        type, on: payment.path, payment, of: payment.customer, by: nil, at: now, in: tx)
}
