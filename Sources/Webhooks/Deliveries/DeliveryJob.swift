import HTTP
import Outbox
import Service
import Storage
import Values

/// The job that sends a delivery once.
struct DeliveryJob: Sendable {
    /// The name of the handler.
    static let kind = "webhook"

    let webhook: Int64
    let delivery: Int64
    var turn: Int64
}

extension Delivery {
    var job: DeliveryJob { DeliveryJob(webhook: webhook, delivery: id, turn: turn) }
}

extension DeliveryJob: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("webhook_id", webhook)
            $0.field("delivery_id", delivery)
            $0.field("turn", turn)
        }
    }
}

extension DeliveryJob: Input {
    init(_ fields: inout Fields) {
        webhook = fields.required("webhook_id", .id)
        delivery = fields.required("delivery_id", .id)
        turn = fields.required("turn", .id)
    }
}

/// The job that enqueues the deliveries of a webhook that is not paused any more.
struct ResumeJob: Sendable {
    /// The name of the handler.
    static let kind = "webhook_resume"

    let webhook: Int64
}

extension ResumeJob: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { $0.field("webhook_id", webhook) }
    }
}

extension ResumeJob: Input {
    init(_ fields: inout Fields) {
        webhook = fields.required("webhook_id", .id)
    }
}

/// Enqueues a job in the queue of its webhook, so that a slow receiver delays no other one.
func enqueue(
    _ job: DeliveryJob, at now: Instant, after delaySeconds: Int64 = 0, in tx: any Transaction
) throws {
    try enqueue(
        DeliveryJob.kind, in: JobQueue("webhook", job.webhook), job, of: nil, at: now,
        after: delaySeconds, in: tx)
}

func enqueue(_ job: ResumeJob, at now: Instant, in tx: any Transaction) throws {
    try enqueue(
        ResumeJob.kind, in: JobQueue("webhook", job.webhook), job, of: nil, at: now, in: tx)
}
