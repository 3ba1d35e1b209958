import HTTP
import Service
import Storage

/// The parameters of `GET /webhooks/{id}/deliveries`.
struct DeliveryFilter: Input {
    let state: DeliveryState?
    let page: Page

    init(_ fields: inout Fields) {
        state = fields.optional("state", .choice(.pending))
        page = fields.page()
    }
}

@Sendable func listWebhookDeliveries(
    _ filter: DeliveryFilter, _ call: Call, in tx: any Transaction
) throws -> Response {
    let webhook = try webhook(try call.id(), in: tx).id
    let ofState: SQL = filter.state.map { "AND state = \($0)" } ?? ""
    let found = try filter.page.read { range in
        try tx.all(
            Delivery.self,
            "WHERE webhook_id = \(webhook) \(ofState) AND \(range.condition) \(range.end)")
    }
    return filter.page.response(try found.withAttempts(in: tx), to: call, id: \.id)
}
