import HTTP
import Service
import Storage
import Values

/// The time for which the previous secret signs as well, in seconds.
let formerSecretSeconds: Int64 = 24 * 60 * 60

/// Replaces the secret of a webhook and shows the new one.
///
/// Both sign for a day, so that the receiver can be changed in between. A second rotation within
/// that day is rejected, because it would end the previous secret too early.
///
/// - Throws: `Problem` 404 `webhook_not_found`, 409 `secret_rotated`.
@Sendable func rotateWebhookSecret(_ call: Call) throws -> Response {
    let id = try call.id()
    let secret = WebhookSecret.random()
    return try call.writeSealed { tx in
        var current = try webhook(id, in: tx)
        try refuseSecondRotation(of: id, at: call.now, in: tx)
        let sealed = WebhookKeys(of: call.shop, at: call.now).seal(secret)
        try tx.run(
            """
            UPDATE webhooks SET former_secret = secret,
                former_until = \(call.now.adding(seconds: formerSecretSeconds)),
                secret = \(sealed), updated_at = \(call.now)
            WHERE id = \(id)
            """)
        current.updatedAt = call.now
        try audit(.rotatedWebhookSecret, current, by: call, in: tx)
        return .ok(WebhookWithSecret(webhook: current, secret: call.isDryRun ? nil : secret))
    }
}

private func refuseSecondRotation(of id: Int64, at now: Instant, in tx: any Transaction) throws {
    let row = try tx.first("SELECT former_until FROM webhooks WHERE id = \(id)")
    guard let end: Instant = try row?["former_until"], now < end else { return }
    throw Problem.conflict(
        "secret_rotated", "The former secret signs until \(end.rfc3339). Rotate again after that.")
}
