public import Outbox
public import Service
public import Storage
import Threads
public import Values

/// Sends the messages of deliveries; the courier calls it for each job.
public struct WebhookDeliverer: Sendable {
    /// Sends a request and waits for the response, without following redirects.
    public typealias Post = @Sendable (WebhookRequest) -> WebhookAnswer

    private let shop: Shop
    private let schedule: RetrySchedule
    private let clock: @Sendable () -> Instant
    private let post: Post

    /// Creates a deliverer.
    public init(
        of shop: Shop, _ schedule: RetrySchedule = RetrySchedule(),
        clock: @escaping @Sendable () -> Instant = Instant.now, post: @escaping Post
    ) {
        self.shop = shop
        self.schedule = schedule
        self.clock = clock
        self.post = post
    }

    /// The kinds of jobs for `run`.
    public static let kinds = [DeliveryJob.kind, ResumeJob.kind]

    /// Does the work of a job of one of `kinds`.
    ///
    /// It may run again after the lease has ended: the delivery knows which of its jobs is next.
    /// - Throws: `StoreError`. A failed request is not an error; its retry is another job.
    public func run(_ job: Job, on store: any Store) throws {
        if job.kind == ResumeJob.kind {
            let webhook = try jobPayload(job.payload, as: ResumeJob.self).webhook
            let now = clock()
            try store.write { try resumeDeliveries(to: webhook, at: now, in: $0) }
        } else {
            try deliver(try jobPayload(job.payload, as: DeliveryJob.self), on: store)
        }
    }

    /// Sends a delivery and stores the attempt; no transaction is open while it waits.
    func deliver(_ job: DeliveryJob, on store: any Store) throws {
        let now = clock()
        let keys = WebhookKeys(of: shop, at: now)
        switch try store.read({ try Preparation(job, with: keys, at: now, in: $0) }) {
        case .skip: return
        case .wait: try store.write { try park(job, at: now, in: $0) }
        case .fail(let target, let error, let isFinal):
            let attempt = DeliveryAttempt(
                delivery: job.delivery, at: now, status: nil, ms: 0, error: error, answer: nil)
            let schedule = isFinal ? RetrySchedule([]) : schedule
            try store.write { try record(attempt, of: target, schedule, in: $0) }
        case .send(let target, let request):
            let startUs = monotonicUs()
            let answer = post(request)
            let attempt = DeliveryAttempt(
                delivery: job.delivery, at: now, status: answer.status,
                ms: Int64((monotonicUs() - startUs) / 1000), error: answer.error,
                answer: answer.beginning)
            try store.write { tx in
                try record(attempt, of: target, schedule, in: tx)
                try SealedSecrets.reseal(target.webhook, with: keys, in: tx)
            }
        }
    }
}

/// Lets a delivery wait until its webhook is resumed, unless that has happened meanwhile.
private func park(_ job: DeliveryJob, at now: Instant, in tx: any Transaction) throws {
    let paused = try tx.first(
        """
        SELECT id FROM webhooks WHERE id = \(job.webhook) AND paused = 1 \(.alone("webhooks"))
        """)
    guard paused != nil else { return try enqueue(job, at: now, in: tx) }
    try tx.run(
        """
        UPDATE webhook_deliveries SET next_attempt_at = NULL
        WHERE id = \(job.delivery) AND turn = \(job.turn) AND state = 'pending'
        """)
}
