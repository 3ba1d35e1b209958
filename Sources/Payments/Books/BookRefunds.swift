import Customers
import Outbox
import Storage
import Values

/// Who asked for a refund.
enum RefundOrigin: String, Sendable, Storable {
    case shop
    case provider
    case dispute
}

/// Books what the provider has refunded beyond the refunds that the shop knows.
///
/// The provider reports a running sum, so lost and repeated messages do not matter. Nothing is
/// booked before the money has come.
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
private func bookRefund(
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

/// Books a refund whose money came back to the shop's account at the provider.
func bookFailedRefund(
    _ failed: ProviderEvent.FailedRefund, of payment: Payment, at now: Instant,
    in tx: any Transaction
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
    try giveBack(refund, of: payment, as: .failed, failed.id, at: now, in: tx)
}

/// Ends a refund that did not reach the customer, and credits what the wallet gave for it.
func giveBack(
    _ refund: Refund, of payment: Payment, as status: RefundStatus, _ providerID: String? = nil,
    error: String? = nil, at now: Instant, in tx: any Transaction
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

/// Notes that the customer disputes a payment at their bank.
func noteDispute(of payment: Payment, at now: Instant, in tx: any Transaction) throws {
    let isChanged =
        try tx.run(
            """
            UPDATE payments SET status = 'disputed'
            WHERE id = \(payment.id) AND dispute_ended_at IS NULL
                AND status IN ('captured', 'mismatch')
            """) == 1
    if isChanged { try publishPayment(.paymentDisputed, payment.id, at: now, in: tx) }
}

/// Ends a dispute; the money of a lost one is taken out of the wallet, as far as it is there.
func endDispute(
    of payment: Payment, _ amount: Money, isLost: Bool, at now: Instant, in tx: any Transaction
) throws {
    let isFirst =
        try tx.run(
            """
            UPDATE payments SET dispute_ended_at = \(now),
                status = \(isLost ? PaymentStatus.disputed : .captured)
            WHERE id = \(payment.id) AND dispute_ended_at IS NULL AND captured_at IS NOT NULL
            """) == 1
    guard isFirst else { return }
    guard isLost else {
        return try publishPayment(.paymentCaptured, payment.id, at: now, in: tx)
    }
    let left = payment.captured.minorUnits - payment.refunded.minorUnits
    let lost = Money(minorUnits: min(amount.minorUnits, left))
    guard lost > .zero else {
        return try publishPayment(.paymentDisputed, payment.id, at: now, in: tx)
    }
    try bookRefund(of: payment, lost, from: .dispute, at: now, in: tx)
}
