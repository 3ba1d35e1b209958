import Customers
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
    let buyer = try listedCustomer(filter.username, "orders", by: call.caller)
    let found = try filter.page.read { range in
        guard let buyer else {
            return try orders(filter.status.map { "orders.status = \($0)" }, range, in: tx)
        }
        return try orders(of: buyer, filter.status, range, in: tx)
    }
    return filter.page.response(found, to: call, id: \.id, key: \.createdAt.stored)
}

private func orders(_ condition: SQL?, _ range: Page.KeysetRange, in tx: any Transaction) throws
    -> [Order]
{
    let conditions = [condition, range.condition].compactMap { $0 }
    return try orders("\(conditions.conditions) \(range.end)", in: tx)
}

/// Returns the orders of an account, also those of the guests that it has claimed.
///
/// They are two ranges of two indexes.
private func orders(
    of buyer: SQL, _ status: OrderStatus?, _ range: Page.KeysetRange, in tx: any Transaction
) throws -> [Order] {
    // A customer's orders are found by the customer. Found by a common status, the orders of all
    // other customers would be read as well.
    let isMeant: SQL = status.map { " AND \(.unindexed)orders.status = \($0)" } ?? ""
    let own = try orders("orders.customer_id = \(buyer)\(isMeant)", range, in: tx)
    guard try tx.first("SELECT id FROM orders WHERE claimed_by = \(buyer) LIMIT 1") != nil else {
        return own
    }
    let claimed = try orders("orders.claimed_by = \(buyer)\(isMeant)", range, in: tx)
    return range.merged(own, claimed) { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
}
