import HTTP
import Service
import Storage

/// Deletes a webhook; its deliveries are not sent any more.
///
/// The courier removes the rows later, because there may be many (`pruneDeliveries`).
@Sendable func deleteWebhook(_ call: Call, in tx: any Transaction) throws -> Response {
    let current = try webhook(try call.id(), in: tx)
    try call.requireMatch(current)
    try tx.run(
        """
        UPDATE webhooks SET deleted_at = \(call.now), url = '', types = '', description = NULL,
            secret = '', former_secret = NULL, former_until = NULL, failing_since = NULL,
            told_at = NULL
        WHERE id = \(current.id)
        """)
    try tx.run("DELETE FROM webhook_patterns WHERE webhook_id = \(current.id)")
    try audit(
        .deletedWebhook, current, before: current.details.changes(from: nil), by: call, in: tx)
    return .noContent
}
