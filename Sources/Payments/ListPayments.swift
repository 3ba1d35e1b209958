import Customers
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
    let customer = try listedCustomer(filter.username, "payments", by: call.caller)
    let found = try filter.page.read { range in
        guard let customer else {
            return try payments(
                [filter.status.map { "payments.status = \($0)" }], range, range.end, in: tx)
        }
        return try payments(of: customer, filter.status, range, in: tx)
    }
    return filter.page.response(found.map { $0.shown(to: call.caller) }, to: call, id: \.id)
}

private func payments(
    _ conditions: [SQL?], _ range: Page.KeysetRange, _ end: SQL, in tx: any Transaction
) throws -> [Payment] {
    let all = conditions.compactMap { $0 } + [range.condition]
    return try payments("\(all.conditions) \(end)", in: tx)
}

/// Returns the payments of an account, also those of the guests that it has claimed.
private func payments(
    of customer: SQL, _ status: PaymentStatus?, _ range: Page.KeysetRange, in tx: any Transaction
) throws -> [Payment] {
    // The payments of a customer are found by the customer.
    let isMeant: SQL? = status.map { "\(.unindexed)payments.status = \($0)" }
    let own = try payments(
        ["payments.customer_id = \(customer)", isMeant], range, range.end, in: tx)
    // An account has few guests, and each has one order. So their payments are found by the guests,
    // and sorted.
    let claimed = try payments(
        ["customers.claimed_by = \(customer)", isMeant], range,
        "ORDER BY \(.unindexedNumber)payments.id DESC LIMIT \(range.count)", in: tx)
    return range.merged(own, claimed) { $0.id > $1.id }
}
