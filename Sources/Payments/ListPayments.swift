import HTTP
import Service
import Storage

/// The parameters of `GET /sales/payments`.
struct PaymentFilter: Input {
    let username: String?
    let status: PaymentStatus?
    let page: Page

    init(_ fields: inout Fields) {
        username = fields.optional("username", .typedUsername)
        status = fields.optional("status", .choice(.pending))
        page = fields.page(id: "payments.id")
    }
}

@Sendable func listPayments(_ filter: PaymentFilter, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    var conditions: [SQL] = []
    if call.caller.isAtLeast(.staff) {
        if let username = filter.username {
            conditions.append(
                "payments.customer_id = (SELECT id FROM customers WHERE username = \(username))")
        }
    } else {
        guard filter.username == nil || filter.username == call.caller.username else {
            throw Problem.forbidden("Listing other customers' payments requires the role staff.")
        }
        conditions.append("payments.customer_id = \(call.caller.id)")
    }
    if let status = filter.status {
        // The payments of a customer are found by the customer.
        conditions.append(
            conditions.isEmpty
                ? "payments.status = \(status)" : "\(.unindexed)payments.status = \(status)")
    }
    let found = try filter.page.read {
        try payments("\((conditions + [$0.condition]).conditions) \($0.end)", in: tx)
    }
    return filter.page.response(found, to: call, id: \.id)
}
