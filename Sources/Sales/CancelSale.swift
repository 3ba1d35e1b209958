import Customers
import HTTP
import Service
import Storage

@Sendable func cancelSale(_ call: Call, in tx: any Transaction) throws -> Response {
    let id = try call.id()
    let sale = try sale(id, visibleTo: call.caller, in: tx)
    try call.requireMatch(sale)
    try take(.cancel, sale, in: tx)
    let lines = sale.lines.filter { $0.left > 0 }.map { Return(line: $0, quantity: $0.left) }
    let amount = try giveBack(lines, of: sale, restock: true, by: call, in: tx)
    try record(.cancelled, of: id, amount: amount, by: call, in: tx)
    try audit(.cancelledSale, of: sale.customer, after: "\(id)", by: call, in: tx)
    return .ok(try Sales.sale(id, visibleTo: call.caller, in: tx))
}
