import HTTP
import Service
import Storage

/// The time for which the former secret signs as well, in seconds.
let formerSecretSeconds: Int64 = 24 * 60 * 60

/// Replaces the secret of a webhook and shows the new one.
///
/// Both sign for a day, so that the receiver can be changed in between.
@Sendable func rotateWebhookSecret(_ call: Call) throws -> Response {
    let id = try call.id()
    let secret = WebhookSecret.random()
    return try call.writeSealed { tx in
        var current = try webhook(id, in: tx)
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
        return .ok(WebhookWithSecret(webhook: current, secret: secret))
    }
}
