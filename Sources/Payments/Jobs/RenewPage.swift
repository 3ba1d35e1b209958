import Service
import Storage
import Values

/// Whether a payment may still get a payment page.
enum RenewedPage: Sendable {
    /// The payment with the end of its page.
    case page(Payment)
    /// The payment or its order no longer waits for money.
    case unwanted
    case tooLate
}

/// The time in seconds after the request in which a payment can still get a later page.
///
/// So an outage of the provider does not let an order hold its units for much more than an hour.
private let renewalSeconds: Int64 = 60 * 60

/// Extends the page of a payment if the current one would end earlier than the provider accepts.
///
/// An earlier attempt may have created a session. Nobody knows the URL of its page, so it cannot be
/// paid. The order waits at least until the new page ends. `secondsMin` says how long a page must
/// still last; it is nil for any time.
///
/// - Throws: `StoreError`.
func renewPage(
    of payment: Payment, _ secondsMin: Int64?, _ observer: PaymentObserver, at now: Instant,
    on store: any Store
) throws -> RenewedPage {
    guard let secondsMin, payment.expiresAt < now.adding(seconds: secondsMin) else {
        return .page(payment)
    }
    guard now < payment.createdAt.adding(seconds: renewalSeconds) else { return .tooLate }
    // In whole seconds, as the provider gets it.
    let end = Instant(milliseconds: now.milliseconds / 1000 * 1000).adding(
        seconds: CardPage.secondsMin)
    return try store.write { tx in
        let holdEnd = end.adding(seconds: CardPage.messageSeconds)
        // The order is locked before its payment.
        let isWanted = try payment.order.map { try observer.prolong($0, holdEnd, now, tx) } ?? true
        let current = try Payments.payment(payment.id, in: tx)
        guard current.isStarting else { return .unwanted }
        guard isWanted else {
            try Payments.end(payment.id, as: .expired, at: now, in: tx)
            return .unwanted
        }
        try tx.run("UPDATE payments SET expires_at = \(end) WHERE id = \(payment.id)")
        return .page(try Payments.payment(payment.id, in: tx))
    }
}
