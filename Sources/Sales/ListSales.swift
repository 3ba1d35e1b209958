import HTTP
import Service
import Storage

/// The parameters of `GET /sales`.
///
/// `from` is the first moment that counts, `to` the first that does not.
struct SaleFilter: Input {
    let username: String?
    let status: SaleStatus?
    let from: Instant?
    let to: Instant?
    let page: Page

    init(_ fields: inout Fields) {
        username = fields.optional("username", .line(1...120))
        status = fields.optional("status", .choice(.paid))
        from = fields.optional("from", .instant)
        to = fields.optional("to", .instant)
        page = fields.page(id: "orders.id")
        if let from, let to, from > to { fields.fault("from", "must not be after to") }
    }
}

@Sendable func listSales(_ call: Call, _ filter: SaleFilter) throws -> Response {
    var conditions = [filter.page.condition]
    if call.caller.isAtLeast(.staff) {
        if let username = filter.username {
            conditions.append(
                "orders.customer_id = (SELECT id FROM customers WHERE username = \(username))")
        }
    } else {
        guard filter.username == nil || filter.username == call.caller.username else {
            throw Problem.forbidden("The sales of others take the role staff.")
        }
        conditions.append("orders.customer_id = \(call.caller.id)")
    }
    if let status = filter.status { conditions.append("orders.status = \(status)") }
    if let from = filter.from { conditions.append("orders.created_at >= \(from)") }
    if let to = filter.to { conditions.append("orders.created_at < \(to)") }
    let found = try call.read { try sales("\(conditions.conditions) \(filter.page.end)", in: $0) }
    return filter.page.response(found, to: call, id: \.id)
}
