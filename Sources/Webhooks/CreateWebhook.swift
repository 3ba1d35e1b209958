import HTTP
import Service
import Storage

/// The most webhooks of a shop.
private let webhooksMax: Int64 = 1000

/// Creates a webhook and shows its secret.
@Sendable func createWebhook(_ details: WebhookDetails, _ call: Call) throws -> Response {
    try requireAllowedURL(details.url, of: call.shop)
    let secret = WebhookSecret.random()
    return try call.writeSealed { tx in
        try refuseBeyondQuota(in: tx)
        let sealed = WebhookKeys(of: call.shop, at: call.now).seal(secret)
        let row = try tx.first(
            """
            INSERT INTO webhooks (\(WebhookDetails.columns), paused, secret, created_at, updated_at)
            VALUES (\(details.values), 0, \(sealed), \(call.now), \(call.now))
            RETURNING \(Webhook.columns)
            """)
        guard let row else { throw StoreError.schema("INSERT into webhooks returned no row.") }
        let created = try Webhook(row)
        try storePatterns(of: created, in: tx)
        try audit(.createdWebhook, created, after: details.changes(from: nil), by: call, in: tx)
        let shown = WebhookWithSecret(webhook: created, secret: call.isDryRun ? nil : secret)
        return .created(shown, at: created.path)
    }
}

private func refuseBeyondQuota(in tx: any Transaction) throws {
    let last = try tx.first(
        """
        SELECT id FROM webhooks WHERE deleted_at IS NULL ORDER BY id
        LIMIT 1 OFFSET \(webhooksMax - 1)
        """)
    guard last != nil else { return }
    throw Problem.quotaExceeded("A shop has at most \(webhooksMax) webhooks. Delete one first.")
}
