import HTTP
import Outbox
import Service
import Storage

/// Sends a message of the type `webhook.test`, whose data is the webhook.
///
/// - Throws: `Problem` 404 `webhook_not_found`, 409 `webhook_paused`.
@Sendable func testWebhook(_ call: Call, in tx: any Transaction) throws -> Response {
    let webhook = try webhook(try call.id(), in: tx)
    guard !webhook.isPaused else {
        throw Problem.conflict("webhook_paused", "The webhook is paused. Resume it first.")
    }
    let data = JSONWriter.text(of: webhook)
    let row = try tx.first(
        """
        INSERT INTO webhook_deliveries (webhook_id, type, body, state, attempts, turn,
            failures, next_attempt_at, created_at)
        VALUES (\(webhook.id), \(EventType.webhookTest), \(data), 'pending', 0, 1, 0, \(call.now),
            \(call.now))
        RETURNING \(Delivery.columns)
        """)
    guard let row else { throw StoreError.schema("INSERT into webhook_deliveries: no row.") }
    let delivery = try Delivery(row)
    try enqueue(delivery.job, at: call.now, in: tx)
    try audit(.testedWebhook, webhook, by: call, in: tx)
    return Response(status: .accepted, json: delivery)
}
