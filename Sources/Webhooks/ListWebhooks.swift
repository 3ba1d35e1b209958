import HTTP
import Service
import Storage

/// The parameters of `GET /webhooks`.
struct WebhookFilter: Input {
    let page: Page

    init(_ fields: inout Fields) {
        page = fields.page()
    }
}

@Sendable func listWebhooks(_ filter: WebhookFilter, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let found = try filter.page.read { range in
        try tx.all(Webhook.self, "WHERE deleted_at IS NULL AND \(range.condition) \(range.end)")
    }
    return filter.page.response(found, to: call, id: \.id)
}

@Sendable func getWebhook(_ call: Call, in tx: any Transaction) throws -> Response {
    .ok(try webhook(try call.id(), in: tx))
}
