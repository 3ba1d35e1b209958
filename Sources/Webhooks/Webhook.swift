import HTTP
import Outbox
import Service
import Storage
import Values

/// A URL that gets a message for each event of some types.
struct Webhook: Sendable {
    let id: Int64
    var details: WebhookDetails
    /// Whether messages wait until the webhook is resumed, and new events are not sent.
    var isPaused: Bool
    /// The first failed attempt after the last successful one; nil if the last one succeeded.
    var failingSince: Instant?
    let createdAt: Instant
    var updatedAt: Instant
}

/// The fields of a webhook that an admin sets at its creation.
struct WebhookDetails: Editable, Input {
    var url = ""
    /// Patterns of event types: `order.paid`, `order.*` or `*`.
    var types = NameList([])
    var description: String?

    static let fields: [EditableField<WebhookDetails>] = [
        .required("url", \.url, .webhookURL),
        .required("types", \.types, .eventTypes),
        .optional("description", \.description, .line(1...500)),
    ]
}

extension Webhook: Record {
    static let columns: SQL = """
        id, \(WebhookDetails.columns), paused, failing_since, created_at, updated_at
        """
    static let source: SQL = "webhooks"

    init(_ row: Row, _ context: Void) throws {
        id = try row["id"]
        details = WebhookDetails(
            url: try row["url"], types: try row["types"], description: try row["description"])
        isPaused = try row["paused"]
        failingSince = try row["failing_since"]
        createdAt = try row["created_at"]
        updatedAt = try row["updated_at"]
    }
}

extension Webhook: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { write(membersTo: &$0) }
    }

    func write(membersTo json: inout JSONWriter) {
        json.field("id", id)
        json.field("url", details.url)
        json.field("types", details.types)
        json.field("description", details.description)
        json.field("paused", isPaused)
        json.field("failing_since", failingSince)
        json.field("created_at", createdAt)
        json.field("updated_at", updatedAt)
    }
}

/// A webhook with its new secret, which no other response shows.
struct WebhookWithSecret: JSONWritable {
    let webhook: Webhook
    /// Nil in a dry run, so that nobody keeps a secret that signs no message.
    let secret: WebhookSecret?

    func write(to json: inout JSONWriter) {
        json.object {
            webhook.write(membersTo: &$0)
            $0.field("secret", secret?.text)
        }
    }
}

extension Webhook {
    /// The path, as the audit log and events name it.
    var path: String { "/webhooks/\(id)" }
}

/// Returns a webhook, locked in a write.
///
/// - Throws: `Problem` 404 `webhook_not_found`.
func webhook(_ id: Int64, in tx: any Transaction) throws -> Webhook {
    let webhook = try tx.first(
        Webhook.self, "WHERE id = \(id) AND deleted_at IS NULL \(.alone("webhooks"))")
    guard let webhook else { throw webhookNotFound }
    return webhook
}

let webhookNotFound = Problem.notFound("webhook_not_found", "There is no such webhook.")

/// Stores the patterns by which events find a webhook; a paused webhook has none.
func storePatterns(of webhook: Webhook, in tx: any Transaction) throws {
    try tx.run("DELETE FROM webhook_patterns WHERE webhook_id = \(webhook.id)")
    guard !webhook.isPaused else { return }
    for pattern in webhook.details.types.names {
        try tx.run(
            """
            INSERT INTO webhook_patterns (pattern, webhook_id) VALUES (\(pattern), \(webhook.id))
            """)
    }
}
