import HTTP
import Service
import Storage

/// The body of `PATCH /webhooks/{id}`.
struct WebhookChange: Input {
    let edit: Edit<WebhookDetails>
    let paused: Bool?

    init(_ fields: inout Fields) {
        edit = Edit(&fields)
        paused = fields.changed("paused", .flag)
    }
}

@Sendable func updateWebhook(_ change: WebhookChange, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let current = try webhook(try call.id(), in: tx)
    try call.requireMatch(current)
    var updated = current
    updated.details = change.edit.applied(to: current.details)
    updated.isPaused = change.paused ?? current.isPaused
    updated.updatedAt = call.now
    if updated.details.url != current.details.url {
        try requireAllowedURL(updated.details.url, of: call.shop)
        // The failures were those of the former address.
        updated.failingSince = nil
        try tx.run(
            "UPDATE webhooks SET failing_since = NULL, told_at = NULL WHERE id = \(current.id)")
    }
    try tx.run(
        """
        UPDATE webhooks SET \(updated.details.assignments), paused = \(updated.isPaused),
            updated_at = \(call.now)
        WHERE id = \(current.id)
        """)
    try storePatterns(of: updated, in: tx)
    if current.isPaused, !updated.isPaused {
        try enqueue(ResumeJob(webhook: current.id), at: call.now, in: tx)
    }
    try audit(
        .changedWebhook, current, before: current.changes(from: updated),
        after: updated.changes(from: current), by: call, in: tx)
    return .ok(updated)
}

extension Webhook {
    /// The fields that differ from `other`, as JSON for the audit log.
    fileprivate func changes(from other: Webhook) -> String {
        let details = details.changes(from: other.details)
        guard isPaused != other.isPaused else { return details }
        let paused = "\"paused\":\(isPaused)"
        return details == "{}" ? "{\(paused)}" : "\(details.dropLast()),\(paused)}"
    }
}
