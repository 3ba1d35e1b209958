public import Outbox
public import Storage
public import Values

/// Calls the providers; the courier calls it for each job.
public struct PaymentCourier: Sendable {
    /// The kinds of jobs for `attempt`.
    public static let kinds = [PaymentJob.startKind, PaymentJob.refundKind]
    /// The pauses in seconds after failed attempts: 20 hours in all.
    ///
    /// A payment starts within an hour or not at all.
    public static let retrySeconds: [Int64] = [
        1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 14_400, 21_600, 21_600,
    ]

    /// The age in seconds of a refund after which it is sent only if the provider does not know it.
    ///
    /// Stripe may forget idempotency keys after 24 hours, and another request would be another refund
    /// (https://docs.stripe.com/api/idempotent_requests).
    private static let keySeconds: Int64 = 23 * 3600

    private let providers: [PaymentProvider]
    private let observer: PaymentObserver
    private let send: Sender
    private let clock: @Sendable () -> Instant

    /// A courier for some providers; `send` sends the requests.
    public init(
        _ providers: [PaymentProvider], _ observer: PaymentObserver,
        clock: @escaping @Sendable () -> Instant = Instant.now, send: @escaping Sender
    ) {
        self.providers = providers
        self.observer = observer
        self.clock = clock
        self.send = send
    }

    /// Makes one attempt; no transaction is open while the provider is called.
    ///
    /// It may run again after the provider has responded, if the courier was killed before it could
    /// record that. The provider then gives the same response.
    /// - Throws: `StoreError`.
    public func attempt(_ job: Job, on store: any Store) throws -> PaymentAttempt {
        switch try PaymentJob(job) {
        case .start(let id): try start(id, on: store)
        case .refund(let id): try refund(id, on: store)
        }
    }

    private func start(_ id: Int64, on store: any Store) throws -> PaymentAttempt {
        let found = try store.read { try Payments.payment(id, in: $0) }
        guard found.isStarting else { return .done { _ in } }
        guard let provider = provider(of: found) else {
            return unstarted(id, because: noProvider(of: found))
        }
        let payment: Payment
        switch try renewPage(of: found, provider.pageSecondsMin, observer, at: clock(), on: store) {
        case .page(let current): payment = current
        case .unwanted: return .done { _ in }
        case .tooLate:
            return failed(id, because: "The provider did not start the payment for an hour.")
        }
        let (clock, observer) = (clock, observer)
        switch provider.start(payment, send) {
        case .success(let started):
            return .done { try note(started, of: payment, at: clock(), in: $0, observer) }
        case .retry(let error): return unstarted(id, because: error)
        case .rejected(let error): return failed(id, because: error)
        }
    }

    /// A payment that another attempt may start, unless this was the last one.
    private func unstarted(_ id: Int64, because error: String) -> PaymentAttempt {
        let clock = clock
        return .retry(error) { isLast, tx in
            guard isLast else { return }
            try end(id, as: .failed, because: error, at: clock(), in: tx)
        }
    }

    private func failed(_ id: Int64, because error: String) -> PaymentAttempt {
        let clock = clock
        return .failed(error) { try end(id, as: .failed, because: error, at: clock(), in: $0) }
    }

    private func refund(_ id: Int64, on store: any Store) throws -> PaymentAttempt {
        let found: (Refund, Payment)? = try store.read { tx in
            guard let refund = try tx.first(Refund.self, "WHERE id = \(id)") else { return nil }
            return (refund, try Payments.payment(refund.payment, in: tx))
        }
        guard let (refund, payment) = found, refund.status == .pending else {
            return .done { _ in }
        }
        guard let provider = provider(of: payment) else {
            return unsent(id, because: noProvider(of: payment))
        }
        // The count of attempts says nothing about the key: `souk jobs retry` resets it.
        if clock() > refund.createdAt.adding(seconds: PaymentCourier.keySeconds) {
            switch provider.findRefund(payment, refund, send) {
            case .success(let made?): return answered(made, refund, of: payment)
            case .success(nil): break
            case .retry(let error), .rejected(let error): return unsent(id, because: error)
            }
        }
        switch provider.refund(payment, refund, send) {
        case .success(let made): return answered(made, refund, of: payment)
        case .retry(let error): return unsent(id, because: error)
        case .rejected(let error):
            return .failed(
                error, giveBack(refund, of: payment, as: .rejected, error: error))
        }
    }

    /// A refund that the provider has made, or whose money has come back already.
    private func answered(_ made: MadeRefund, _ refund: Refund, of payment: Payment)
        -> PaymentAttempt
    {
        made.isFailed
            ? .done(giveBack(refund, of: payment, as: .failed, made.id))
            : .done { try note(refund, as: made.id, in: $0) }
    }

    /// A refund of which nobody knows whether the provider has made it.
    ///
    /// It stays pending, also after the last attempt. The operator then sees the failed job.
    private func unsent(_ id: Int64, because error: String) -> PaymentAttempt {
        .retry(error) { _, tx in
            try tx.run("UPDATE refunds SET error = \(error) WHERE id = \(id)")
        }
    }

    /// Credits a refund that did not reach the customer.
    private func giveBack(
        _ refund: Refund, of payment: Payment, as status: RefundStatus, _ name: String? = nil,
        error: String? = nil
    ) -> @Sendable (any Transaction) throws -> Void {
        let (clock, observer) = (clock, observer)
        return { tx in
            if let order = payment.order { try observer.lock(order, tx) }
            let current = try Payments.payment(payment.id, in: tx)
            try Payments.giveBack(
                refund, of: current, as: status, name, error: error, at: clock(), in: tx, observer)
        }
    }

    private func provider(of payment: Payment) -> PaymentProvider? {
        providers.first { $0.name == payment.provider }
    }

    private func noProvider(of payment: Payment) -> String {
        "The provider \(payment.provider) is not set up."
    }
}

/// The result of an attempt, and what to write in the transaction that ends it.
public enum PaymentAttempt: Sendable {
    case done(@Sendable (any Transaction) throws -> Void)
    /// `isLast` says whether no attempt follows.
    case retry(String, @Sendable (_ isLast: Bool, any Transaction) throws -> Void)
    case failed(String, @Sendable (any Transaction) throws -> Void)
}

/// Stores the page of a payment, and what the provider reported at once.
private func note(
    _ started: StartedPayment, of payment: Payment, at now: Instant, in tx: any Transaction,
    _ observer: PaymentObserver
) throws {
    if let order = payment.order { try observer.lock(order, tx) }
    try tx.run(
        """
        UPDATE payments SET url = \(started.url), provider_id = \(started.id)
        WHERE id = \(payment.id) AND status = 'pending'
        """)
    for event in started.events {
        _ = try record(event, from: payment.provider, at: now, in: tx, observer)
    }
}

/// Stores that the provider has accepted a refund; it may have reported its failure already.
private func note(_ refund: Refund, as name: String, in tx: any Transaction) throws {
    try tx.run(
        """
        UPDATE refunds SET provider_id = \(name), error = NULL,
            status = CASE WHEN status = 'pending' THEN 'succeeded' ELSE status END
        WHERE id = \(refund.id)
        """)
}
