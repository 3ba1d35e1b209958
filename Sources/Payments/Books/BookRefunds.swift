import Customers
import Outbox
import Storage
import Values

/// Who requested a refund.
enum RefundOrigin: String, Sendable, Storable {
    case shop
    case provider
    case dispute
}

/// Books what the provider has refunded beyond the refunds that the shop knows.
///
/// The provider reports a running total, so lost and repeated messages do not matter. Nothing is
/// booked before the payment has been captured.
func bookProviderRefunds(of id: Int64, at now: Instant, in tx: any Transaction) throws {
    let payment = try payment(id, in: tx)
    let row = try tx.first(
        """
        SELECT COALESCE(SUM(amount), 0) AS known FROM refunds
        WHERE payment_id = \(id) AND status <> 'rejected' AND origin <> 'dispute'
        """)
    let known: Int64 = try row?["known"] ?? 0
    let missing = min(
        payment.providerRefunded.minorUnits - known,
        payment.captured.minorUnits - payment.refunded.minorUnits)
    guard missing > 0 else { return }
    try bookRefund(
        of: payment, Money(minorUnits: missing), from: .provider, at: now, in: tx)
}

/// Books a refund that was not made by the shop, and debits what the wallet holds of it.
func bookRefund(
    of payment: Payment, _ amount: Money, from origin: RefundOrigin, at now: Instant,
    in tx: any Transaction
) throws {
    let debited = try debitWallet(
        upTo: amount, of: payment.customer,
        for: .init(
            .paidOut, by: payment.customer, order: payment.order, payment: payment.id, at: now),
        in: tx)
    try tx.run(
        """
        INSERT INTO refunds (ref, payment_id, origin, status, amount, debited, actor_id, created_at)
        VALUES (\(newRef()), \(payment.id), \(origin), 'succeeded', \(amount), \(debited),
            \(payment.customer), \(now))
        """)
    try tx.run("UPDATE payments SET refunded = refunded + \(amount) WHERE id = \(payment.id)")
    try publishPayment(.paymentRefunded, payment.id, at: now, in: tx)
}

/// Debits what providers and banks have paid back for an order after the wallet had spent it.
///
/// A refund of the order, which is in the wallet already, would otherwise pay it a second time.
///
/// - Returns: what was debited, at most `amount`.
/// - Throws: `StoreError`.
public func recoverRefunds(
    ofOrder order: Int64, of customer: Int64, atMost amount: Money, by actor: Int64,
    at now: Instant, in tx: any Transaction
) throws -> Money {
    let owed = try tx.all(
        """
        SELECT refunds.id, refunds.payment_id, refunds.amount - refunds.debited AS owed
        FROM payments JOIN refunds ON refunds.payment_id = payments.id
        WHERE payments.order_id = \(order) AND payments.order_id IS NOT NULL
            AND refunds.status = 'succeeded' AND refunds.debited < refunds.amount
        ORDER BY refunds.id \(.alone("refunds"))
        """
    ) {
        (
            id: try $0["id"] as Int64, payment: try $0["payment_id"] as Int64,
            amount: try $0["owed"] as Money
        )
    }
    var left = amount
    for refund in owed where left > .zero {
        let part = min(left, refund.amount)
        try debitWallet(
            part, of: customer,
            for: .init(.paidOut, by: actor, order: order, payment: refund.payment, at: now), in: tx)
        try tx.run("UPDATE refunds SET debited = debited + \(part) WHERE id = \(refund.id)")
        left = left &- part
    }
    return amount &- left
}

/// Books a refund whose money came back to the shop's account at the provider.
func bookFailedRefund(
    _ failed: ProviderEvent.FailedRefund, of payment: Payment, at now: Instant,
    in tx: any Transaction, _ observer: PaymentObserver
) throws {
    guard let refund = try refund(failed, of: payment, in: tx) else {
        // The message about the refund itself has not come; it will not be booked any more.
        try tx.run(
            """
            INSERT INTO refunds (ref, payment_id, origin, status, amount, debited, provider_id,
                actor_id, created_at)
            VALUES (\(newRef()), \(payment.id), 'provider', 'failed', \(failed.amount), 0,
                \(failed.id), \(payment.customer), \(now))
            """)
        return
    }
    try giveBack(refund, of: payment, as: .failed, failed.id, at: now, in: tx, observer)
}

/// Ends a refund that did not reach the customer, and credits what the wallet gave for it.
///
/// The caller has locked the order of the payment.
func giveBack(
    _ refund: Refund, of payment: Payment, as status: RefundStatus, _ providerID: String? = nil,
    error: String? = nil, at now: Instant, in tx: any Transaction, _ observer: PaymentObserver
) throws {
    guard try canCredit(refund.debited, to: payment.customer, in: tx) else {
        // The account was erased: staff pay the money back outside the shop.
        try tx.run(
            """
            UPDATE refunds SET error = 'The money came back, and no wallet can take it.'
            WHERE id = \(refund.id)
            """)
        return try publishPayment(.paymentRefundFailed, payment.id, at: now, in: tx)
    }
    let isChanged =
        try tx.run(
            """
            UPDATE refunds SET status = \(status), error = \(error.stored),
                provider_id = COALESCE(\(providerID.stored), provider_id)
            WHERE id = \(refund.id) AND status IN ('pending', 'succeeded')
            """) == 1
    guard isChanged else { return }
    try tx.run(
        "UPDATE payments SET refunded = refunded - \(refund.amount) WHERE id = \(payment.id)")
    if refund.debited > .zero {
        try creditWallet(
            refund.debited, of: payment.customer,
            for: .init(
                .paidIn, by: payment.customer, order: payment.order, payment: payment.id, at: now),
            in: tx)
        if let order = payment.order { try observer.credited(order, now, tx) }
    }
    try publishPayment(.paymentRefundFailed, payment.id, at: now, in: tx)
    if status == .rejected { try bookProviderRefunds(of: payment.id, at: now, in: tx) }
}

/// The refund that a message about a failure means.
private func refund(
    _ failed: ProviderEvent.FailedRefund, of payment: Payment, in tx: any Transaction
) throws -> Refund? {
    if let ref = failed.ref {
        return try tx.first(
            Refund.self, "WHERE payment_id = \(payment.id) AND ref = \(ref) \(.alone("refunds"))")
    }
    // One from the provider's dashboard, which was booked from a sum and has no number.
    return try tx.first(
        Refund.self,
        """
        WHERE payment_id = \(payment.id) AND origin = 'provider' AND status = 'succeeded'
            AND amount = \(failed.amount)
        ORDER BY id LIMIT 1 \(.alone("refunds"))
        """)
}
