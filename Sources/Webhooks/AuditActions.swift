import Customers
import HTTP
import Service
import Storage

extension AuditAction {
    static let createdWebhook = AuditAction(rawValue: "created_webhook")
    static let changedWebhook = AuditAction(rawValue: "changed_webhook")
    static let deletedWebhook = AuditAction(rawValue: "deleted_webhook")
    static let rotatedWebhookSecret = AuditAction(rawValue: "rotated_webhook_secret")
    static let testedWebhook = AuditAction(rawValue: "tested_webhook")
    static let retriedDelivery = AuditAction(rawValue: "retried_webhook_delivery")
}

/// Records what an admin did to a webhook.
func audit(
    _ action: AuditAction, _ webhook: Webhook, before: String? = nil, after: String? = nil,
    by call: Call, in tx: any Transaction
) throws {
    try audit(
        action, of: nil, on: webhook.path, before: before, after: after, by: call, in: tx)
}
