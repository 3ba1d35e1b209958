import Customers
import HTTP
import Service
import Storage

/// The handler of `POST /sales/{id}/cancel`.
func cancelSale(
    _ observers: [ReturnObserver]
) -> @Sendable (Call, any Transaction) throws -> Response {
    { call, tx in try cancelSale(call, in: tx, observers) }
}

private func cancelSale(
    _ call: Call, in tx: any Transaction, _ observers: [ReturnObserver]
) throws -> Response {
    let id = try call.id()
    let sale = try sale(id, visibleTo: call.caller, in: tx)
    try call.requireMatch(sale)
    try take(.cancel, sale, in: tx)
    let lines = sale.lines.filter { $0.left > 0 }.map { Return(line: $0, quantity: $0.left) }
    let amount = try giveBack(lines, of: sale, restock: true, by: call, in: tx, observers)
    try record(.cancelled, of: id, amount: amount, by: call, in: tx)
    try audit(
        .cancelledOrder, of: sale.customer, on: "/sales/\(id)", before: sale.status.rawValue,
        after: SaleStatus.cancelled.rawValue, ownersToo: true, by: call, in: tx)
    return .ok(try Sales.sale(id, visibleTo: call.caller, in: tx))
}
