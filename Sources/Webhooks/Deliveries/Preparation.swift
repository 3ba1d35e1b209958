import HTTP
import Outbox
import Service
import Storage
import Values

/// The delivery that an attempt belongs to.
struct Target: Sendable {
    let webhook: Int64
    let delivery: Int64
    let turn: Int64
    /// The position of the event; nil for a test.
    let event: Int64?
}

/// What the job of a delivery has to do.
enum Preparation: Sendable {
    case send(Target, WebhookRequest)
    /// The request cannot be made; `error` says why.
    case fail(Target, error: String, isFinal: Bool)
    /// The delivery has ended, was started again, or its webhook was deleted.
    case skip
    /// The webhook is paused; the delivery waits.
    case wait
}

extension Preparation {
    /// Reads what the job of a delivery has to send at `now`.
    init(
        _ job: DeliveryJob, with keys: WebhookKeys, at now: Instant, in tx: any Transaction
    ) throws {
        let found = try tx.first(
            Delivery.self,
            "WHERE id = \(job.delivery) AND turn = \(job.turn) AND state = 'pending'")
        guard let delivery = found,
            let webhook = try tx.first(
                Webhook.self, "WHERE id = \(delivery.webhook) AND deleted_at IS NULL"),
            let sealed = try tx.first(SealedSecrets.self, "WHERE id = \(delivery.webhook)")
        else {
            self = .skip
            return
        }
        guard !webhook.isPaused else {
            self = .wait
            return
        }
        let target = Target(
            webhook: webhook.id, delivery: delivery.id, turn: delivery.turn,
            event: delivery.event)
        guard let message = try Message(of: delivery, in: tx) else {
            self = .fail(target, error: "event_expired", isFinal: true)
            return
        }
        guard let secrets = sealed.signing(with: keys, at: now) else {
            self = .fail(target, error: "secret_unreadable", isFinal: false)
            return
        }
        self = .send(target, request(of: message, to: webhook, secrets, at: now))
    }
}

extension Message {
    /// The message of a delivery; nil if its event is not stored any more.
    init?(of delivery: Delivery, in tx: any Transaction) throws {
        if let position = delivery.event {
            guard let event = try event(at: position, in: tx) else { return nil }
            self.init(event)
        } else {
            let row = try tx.first("SELECT body FROM webhook_deliveries WHERE id = \(delivery.id)")
            self.init(
                id: delivery.messageID, type: delivery.type,
                subject: "/webhooks/\(delivery.webhook)", createdAt: delivery.createdAt,
                data: try row?["body"])
        }
    }
}

/// The signed request for a message.
private func request(
    of message: Message, to webhook: Webhook, _ secrets: [WebhookSecret], at now: Instant
) -> WebhookRequest {
    let body = message.body
    let seconds = now.milliseconds / 1000
    return WebhookRequest(
        url: webhook.details.url,
        fields: [
            ("content-type", "application/json"),
            ("webhook-id", message.id),
            ("webhook-timestamp", "\(seconds)"),
            ("webhook-signature", signature(of: message.id, at: seconds, body, by: secrets)),
        ], body: body)
}
