import Customers
import HTTP
import Outbox
import Service
import Storage

/// The body of `POST /sales/{id}/returns`.
struct NewReturn: Input {
    let items: [OrderItem]
    let kind: ReturnKind
    /// Never required: a withdrawal needs none (Directive 2011/83/EU, article 11).
    let reason: String?

    init(_ fields: inout Fields) {
        items = fields.list("items", count: 1...100, of: OrderItem.self, distinct: "product_id")
        kind = fields.required("kind", .choice(.return))
        reason = fields.optional("reason", .text(1...1000))
    }
}

/// The most returns of an order, and the most lines in all of them, so that an order has a limited
/// size: each event has the whole order.
private let (returnsMax, returnLinesMax) = (100, 1000)

/// Requests the return of units, for the buyer; staff can do it on their behalf.
///
/// - Throws: `Problem` 404 `order_not_found`, 409 `return_period_over`, `return_exceeds_order`,
///   `too_many_returns`.
@Sendable func createReturn(_ new: NewReturn, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let order = try order(call.id(), visibleTo: call.caller, in: tx)
    try call.requireMatch(order)
    try requireReturnPeriod(of: order, call, in: tx)
    let places = new.items.indices.filter {
        new.items[$0].quantity > order.returnable(new.items[$0].product)
    }
    guard places.isEmpty else { throw returnExceedsOrder(places) }
    let lines = order.returns.reduce(new.items.count) { $0 + $1.items.count }
    guard order.returns.count < returnsMax, lines <= returnLinesMax else {
        throw Problem.conflict(
            "too_many_returns",
            "An order has at most \(returnsMax) returns, with \(returnLinesMax) lines in all.")
    }
    let number = (order.returns.last?.number ?? 0) + 1
    let row = try tx.insert(
        """
        INSERT INTO order_returns (order_id, number, kind, status, reason, created_at)
        VALUES (\(order.id), \(number), \(new.kind), \(ReturnStatus.requested),
            \(new.reason.stored), \(call.now))
        """)
    for item in new.items.sorted(by: { $0.product < $1.product }) {
        try tx.run(
            """
            INSERT INTO order_return_lines (return_id, order_id, product_id, quantity)
            VALUES (\(row), \(order.id), \(item.product), \(item.quantity))
            """)
    }
    let path = "\(order.path)/returns/\(number)"
    try audit(
        .requestedReturn, of: order.owner, on: path, after: new.kind.rawValue,
        ownersToo: true,
        by: call, in: tx)
    return .created(
        try changedReturn(number, of: order, .orderReturnRequested, by: call, in: tx), at: path)
}

/// Publishes a change of a return with the whole order, and returns the return.
func changedReturn(
    _ number: Int64, of order: Order, _ type: EventType, by call: Call, in tx: any Transaction
) throws -> OrderReturn {
    let order = try Sales.order(order.id, visibleTo: call.caller, in: tx)
    try publish(type, on: order.path, order, of: order.customer, by: call, in: tx)
    guard let changed = order.returns.first(where: { $0.number == number }) else {
        throw Problem.notFound("return_not_found", "The order has no such return.")
    }
    return changed
}
