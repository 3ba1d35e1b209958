import Carts
import Curl
import Customers
import HTTP
import HTTPTypes
import Invoices
import Outbox
public import Payments
import Sales
import Service
import Storage
import Synchronization
import Values
public import Webhooks
import Wishlist

/// The pauses in seconds after failed attempts to send a message: two days in all.
private let mailRetrySeconds: [Int64] = [
    60, 300, 900, 3600, 7200, 14_400, 28_800, 43_200, 86_400,
]
/// The pauses in seconds after a failure of the shop itself, such as a busy database.
let ownRetrySeconds: [Int64] = [5, 30, 60, 300, 900, 3600]

extension CourierTasks {
    /// All tasks of a shop: mail, webhooks, payments, invoices and periodic work.
    public init(
        for owner: CourierOwner, mail: MailSender, webhooks schedule: RetrySchedule,
        allowing hosts: [String], payments providers: [PaymentProvider]
    ) {
        let (shop, store) = (owner.shop, owner.store)
        let allowed = AllowedHosts(hosts.joined(separator: " ")) ?? .none
        let webhooks = WebhookDeliverer(of: shop, schedule) { send($0, allowing: allowed) }
        let deliveries = WebhookDeliverer.kinds.map { kind in
            JobHandler(kind: kind, retrySeconds: ownRetrySeconds) { job in
                try webhooks.run(job, on: store)
                return .done()
            }
        }
        let messages = JobHandler(
            kind: OutgoingMail.jobKind, retrySeconds: mailRetrySeconds, attempt: mail.attempt)
        self.init(
            handlers: [
                messages,
                .within(passwordResetJobKind) {
                    try sendPasswordReset($0, by: shop, at: $1, in: $2)
                },
                .within(backInStockJobKind) { try noticeBackInStock($0, of: shop, at: $1, in: $2) },
                .invoices(of: shop),
                .within(renameActorJobKind) { try renameActor($0, at: $1, in: $2) },
            ] + deliveries + JobHandler.payments(with: providers, on: store),
            subscribers: Self.readers,
            periodic: [
                .expireOrders(),
                .updateSalesTotals,
                .sumOfWallets,
                .noteFailingWebhooks,
                .pruneDeliveries,
                .pruneCarts, .pruneOneTimeTokens,
                PeriodicTask("encrypt secrets", everySeconds: 3600) { now, store in
                    try store.write { try resealSecrets(of: shop, at: now, in: $0) }
                    return false
                },
            ],
            gauges: [
                CourierGauge(
                    "souk_webhooks_failing",
                    "Webhooks whose deliveries have all failed for a day.",
                    failingWebhooks)
            ])
    }
}

extension CourierTasks {
    /// The readers of the feed.
    private static let readers: [EventSubscriber] = [
        EventSubscriber("webhooks") { try addDeliveries(of: $0, at: $1, in: $2) },
        EventSubscriber("mail") { try enqueueMails(about: $0, at: $1, in: $2) },
        EventSubscriber("back in stock") {
            try enqueueBackInStock(about: $0, at: $1, in: $2)
        },
        EventSubscriber("invoices") { try enqueueInvoices(about: $0, at: $1, in: $2) },
    ]
}

extension PeriodicTask {
    /// Adds entries of the ledger to the sum of the wallets.
    static let sumOfWallets = PeriodicTask("sum wallets", everySeconds: 600) { now, store in
        try store.write { try foldWalletEntries(at: now, in: $0) }
    }
}

extension PeriodicTask {
    /// Cancels orders whose time to pay is over.
    fileprivate static func expireOrders() -> PeriodicTask {
        let position = Mutex<ExpiryPosition?>(nil)
        return PeriodicTask("expire orders", everySeconds: 1) { now, store in
            var next = position.withLock(\.self)
            defer { position.withLock { [next] in $0 = next } }
            do {
                return try Sales.expireOrders(at: now, on: store, after: &next)
            } catch let problem as Problem {
                throw PeriodicTask.SkippedRows(problem)
            }
        }
    }

    /// Adds paid orders to the totals of the reports.
    fileprivate static let updateSalesTotals = PeriodicTask(
        "count orders", everySeconds: 1
    ) { _, store in try Sales.updateSalesTotals(on: store) }

    /// Records that webhooks have failed for a day.
    fileprivate static let noteFailingWebhooks = PeriodicTask(
        "note failing webhooks", everySeconds: 60
    ) { now, store in
        try store.write { try Webhooks.noteFailingWebhooks(at: now, in: $0) }
        return false
    }

    /// Deletes deliveries of webhooks that are old, or whose webhook was deleted.
    fileprivate static let pruneDeliveries = PeriodicTask(
        "prune deliveries", everySeconds: 3600
    ) { now, store in
        try store.write { try Webhooks.pruneDeliveries(at: now, in: $0) }
    }

    /// Deletes carts that have expired.
    fileprivate static let pruneCarts = PeriodicTask("prune carts", everySeconds: 3600) {
        now, store in
        try store.write { try Carts.pruneCarts(at: now, in: $0) }
    }
}

extension JobHandler {
    /// A handler that only changes the database, in the transaction that ends the job.
    ///
    /// `work` gets the payload.
    static func within(
        _ kind: String,
        work: @escaping @Sendable (String, _ now: Instant, _ tx: any Transaction) throws -> Void
    ) -> JobHandler {
        JobHandler(kind: kind, retrySeconds: ownRetrySeconds) { job in
            .done { _, tx in try work(job.payload, .now(), tx) }
        }
    }
}

extension JobHandler {
    /// The handler that issues invoices and credit notes.
    fileprivate static func invoices(of shop: Shop) -> JobHandler {
        JobHandler(kind: invoiceJobKind, retrySeconds: ownRetrySeconds) { job in
            .done { _, tx in
                try issueInvoices(
                    job.payload, isRetry: job.attempts > 1, for: shop, at: .now(), in: tx)
            }
        }
    }
}

/// Sends the message of a webhook to a public address, or to an allowed host.
private func send(_ request: WebhookRequest, allowing hosts: AllowedHosts) -> WebhookAnswer {
    let url: OutboundURL
    do throws(OutboundURL.Fault) {
        url = try OutboundURL(request.url, allowing: hosts)
    } catch {
        let isAddress = error == .addressNotAllowed
        return WebhookAnswer(
            status: nil, error: isAddress ? "address_not_allowed" : "The URL \(error.message).")
    }
    let fields = HTTPFields(named: request.fields)
    switch OutboundRequest(.post, url, headers: fields, body: request.body).send() {
    case .success(let answer):
        return WebhookAnswer(status: Int64(answer.status), body: answer.body)
    case .failure(let failure):
        return WebhookAnswer(status: nil, error: failure.code.rawValue)
    }
}
