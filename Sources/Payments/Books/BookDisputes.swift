import Storage
import Values

/// What the messages about a payment say about its disputes.
private struct Disputes {
    /// The number of each dispute, and whether the shop lost it; nil for its beginning.
    private let messages: [(dispute: String, isLost: Bool?)]

    /// The caller has locked the payment, and stored the message that it applies.
    init(of payment: Int64, in tx: any Transaction) throws {
        messages = try tx.all(
            """
            SELECT COALESCE(object_id, '') AS dispute, change FROM payment_events
            WHERE payment_id = \(payment)
                AND change IN ('disputed', 'dispute_lost', 'dispute_won')
            """
        ) { row in
            let change: String = try row["change"]
            return (try row["dispute"], change == "disputed" ? nil : change == "dispute_lost")
        }
    }

    /// How many messages report the end of a dispute.
    func ends(of dispute: String) -> Int {
        messages.count { $0.dispute == dispute && $0.isLost != nil }
    }

    /// Whether a dispute is open, or the shop has lost one.
    var isContested: Bool {
        messages.contains { $0.isLost == true || $0.isLost == nil && ends(of: $0.dispute) == 0 }
    }
}

/// Stores that the customer disputes a payment at their bank.
func note(
    _ dispute: ProviderEvent.Dispute, of payment: Payment, at now: Instant, in tx: any Transaction
) throws {
    // The message about its end may have come first.
    guard try Disputes(of: payment.id, in: tx).ends(of: dispute.id) == 0 else { return }
    let isChanged =
        try tx.run(
            """
            UPDATE payments SET status = 'disputed'
            WHERE id = \(payment.id) AND status IN ('captured', 'mismatch', 'disputed')
            """) == 1
    if isChanged { try publishPayment(.paymentDisputed, payment.id, at: now, in: tx) }
}

/// Ends a dispute; the money of a lost one is taken out of the wallet, as far as it is there.
///
/// If the shop wins, the payment counts for its order again.
func end(
    _ dispute: ProviderEvent.Dispute, of payment: Payment, isLost: Bool, at now: Instant,
    in tx: any Transaction, _ observer: PaymentObserver
) throws {
    let disputes = try Disputes(of: payment.id, in: tx)
    guard payment.capturedAt != nil, disputes.ends(of: dispute.id) == 1 else { return }
    let isExact = payment.captured == payment.amount
    let uncontested = isExact ? PaymentStatus.captured : .mismatch
    try tx.run(
        """
        UPDATE payments SET dispute_ended_at = \(now),
            status = \(disputes.isContested ? .disputed : uncontested)
        WHERE id = \(payment.id)
        """)
    guard isLost else {
        // Another dispute is open or lost.
        guard !disputes.isContested else { return }
        try publishPayment(
            isExact ? .paymentCaptured : .paymentMismatched, payment.id, at: now, in: tx)
        if let order = payment.order { try observer.credited(order, now, tx) }
        return
    }
    let left = payment.captured.minorUnits - payment.refunded.minorUnits
    let lost = Money(minorUnits: min(dispute.amount.minorUnits, left))
    guard lost > .zero else {
        return try publishPayment(.paymentDisputed, payment.id, at: now, in: tx)
    }
    try bookRefund(of: payment, lost, from: .dispute, at: now, in: tx)
}
