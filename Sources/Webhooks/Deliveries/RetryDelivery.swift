import Customers
import HTTP
import Outbox
import Service
import Storage

/// Starts a delivery again, at once and with all of its retries, whatever its state.
///
/// While the webhook is paused, the delivery waits until it is resumed.
///
/// - Throws: `Problem` 404 `webhook_not_found`, `delivery_not_found`; 409 `event_expired`.
@Sendable func retryWebhookDelivery(_ call: Call, in tx: any Transaction) throws -> Response {
    let webhook = try webhook(try call.id(), in: tx)
    let id = try call.id("delivery_id")
    let found = try tx.first(
        Delivery.self,
        "WHERE id = \(id) AND webhook_id = \(webhook.id) \(.alone("webhook_deliveries"))")
    guard var delivery = found else {
        throw Problem.notFound("delivery_not_found", "The webhook has no such delivery.")
    }
    let event = try delivery.event.map { try Outbox.event(at: $0, in: tx) }
    if case .some(.none) = event {
        throw Problem.conflict("event_expired", "The event is not stored any more.")
    }
    delivery.state = .pending
    delivery.turn += 1
    delivery.nextAttemptAt = webhook.isPaused ? nil : call.now
    try tx.run(
        """
        UPDATE webhook_deliveries SET state = 'pending', ended_at = NULL, turn = \(delivery.turn),
            failures = 0, next_attempt_at = \(delivery.nextAttemptAt.stored)
        WHERE id = \(id)
        """)
    if !webhook.isPaused { try enqueue(delivery.job, at: call.now, in: tx) }
    // The customer too: the response shows what the receiver answered to their data, so an erasure
    // must find it if it is stored under an idempotency key.
    try audit(
        .retriedDelivery, of: event??.customer, on: "\(webhook.path)/deliveries/\(id)", by: call,
        in: tx)
    return .ok(try [delivery].withAttempts(in: tx)[0])
}
