import Customers
import HTTP
import Service
import Storage

/// The parameters of `GET /sales/payments`.
struct PaymentFilter: Input {
    let username: String?
    let status: PaymentStatus?
    /// Whether staff pay a part back by hand; nil for all payments.
    let isRefundedByHand: Bool?
    let page: Page

    init(_ fields: inout Fields) {
        username = fields.optional("username", .typedUsername)
        status = fields.optional("status", .choice(.pending))
        isRefundedByHand = fields.optional("refunded_by_hand", .flag)
        page = fields.page(id: "payments.id")
    }

    /// The condition on refunds that staff make by hand; without a mark, it is that of an index.
    fileprivate func refundedByHand(_ mark: SQL = "") -> SQL? {
        isRefundedByHand.map { isMeant in
            let condition: SQL = "\(mark)payments.provider = 'manual' AND payments.refunded > 0"
            return isMeant ? condition : "NOT (\(condition))"
        }
    }
}

@Sendable func listPayments(_ filter: PaymentFilter, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let customer = try listedCustomer(filter.username, "payments", by: call.caller)
    let found = try filter.page.read { range in
        guard let customer else {
            return try payments(
                [filter.status.map { "payments.status = \($0)" }, filter.refundedByHand()], range,
                range.end, in: tx)
        }
        return try payments(of: customer, filter, range, in: tx)
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
    of customer: SQL, _ filter: PaymentFilter, _ range: Page.KeysetRange, in tx: any Transaction
) throws -> [Payment] {
    // The payments of a customer are found by the customer.
    let isMeant: SQL? = filter.status.map { "\(.unindexed)payments.status = \($0)" }
    let isByHand = filter.refundedByHand("\(.unindexed)")
    let own = try payments(
        ["payments.customer_id = \(customer)", isMeant, isByHand], range, range.end, in: tx)
    // An account has few guests, and each has one order. So their payments are found by the guests,
    // and sorted.
    let claimed = try payments(
        ["customers.claimed_by = \(customer)", isMeant, isByHand], range,
        "ORDER BY \(.unindexedNumber)payments.id DESC LIMIT \(range.count)", in: tx)
    return range.merged(own, claimed) { $0.id > $1.id }
}
