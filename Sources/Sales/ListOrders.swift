import HTTP
import Service
import Storage

/// The parameters of `GET /sales`.
///
/// The period includes `from` and excludes `to`.
struct OrderFilter: Input {
    let username: String?
    let status: OrderStatus?
    let page: Page

    init(_ fields: inout Fields) {
        username = fields.optional("username", .typedUsername)
        status = fields.optional("status", .choice(.paid))
        let from = fields.optional("from", .instant)
        let to = fields.optional("to", .instant)
        if let from, let to, from > to { fields.fault("from", "must not be after to") }
        page = fields.page(
            id: "orders.id",
            by: .descending(
                "-created_at", "orders.created_at", from: from?.milliseconds,
                to: to.map { $0.milliseconds - 1 }))
    }
}

@Sendable func listOrders(_ filter: OrderFilter, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    var conditions: [SQL] = []
    if call.caller.isAtLeast(.staff) {
        if let username = filter.username {
            conditions.append(
                "orders.customer_id = (SELECT id FROM customers WHERE username = \(username))")
        }
    } else {
        guard filter.username == nil || filter.username == call.caller.username else {
            throw Problem.forbidden("Listing other customers' orders requires the role staff.")
        }
        conditions.append("orders.customer_id = \(call.caller.id)")
    }
    if let status = filter.status {
        // A customer's orders are found by the customer. Found by a common status, the orders of
        // all other customers would be read as well.
        conditions.append(
            conditions.isEmpty
                ? "orders.status = \(status)" : "\(.unindexed)orders.status = \(status)")
    }
    let found = try filter.page.read {
        try orders("\((conditions + [$0.condition]).conditions) \($0.end)", in: tx)
    }
    return filter.page.response(found, to: call, id: \.id, key: \.createdAt.stored)
}
