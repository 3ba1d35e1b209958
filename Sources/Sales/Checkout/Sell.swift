import Customers
import HTTP
import Inventory
import Outbox
import Service
import Storage
import Values

/// Creates an order at the current prices, and pays it from the buyer's wallet.
///
/// This is the only operation that sells. Stock is taken first, then the amounts are made from
/// what was taken, and the payment comes last. All of it is one transaction.
///
/// - Throws: `Problem` 404 `product_not_found`; 409 `insufficient_stock`, `insufficient_funds`,
///   `price_changed`, `day_full`; 422 if the total exceeds `Money.max`.
func sell(_ purchase: Purchase, by call: Call, in tx: any Transaction) throws -> Order {
    let taken = try takeStock(for: purchase, by: call, in: tx)
    let quote = try quote(
        taken.map { ($0.product, $0.quantity) }, for: purchase, by: call, in: tx)
    try requireTotal(quote.amounts.total, expectedBy: purchase)
    try refuseOverflow(quote.amounts.total, at: call.now, in: tx)
    let order = try insertOrder(quote, of: purchase, by: call, in: tx)
    try enterSoldStock(
        of: taken, order: order.id, by: call.caller.id, at: call.now, in: tx,
        currency: call.shop.currency)
    try payFromWallet(order, by: call, in: tx)
    // Both events show the same order.
    let shown = JSONText(String(decoding: JSONWriter.bytes(of: order), as: UTF8.self))
    for type in [EventType.orderCreated, .orderPaid] {
        try publish(type, on: order.path, shown, of: order.customer, by: call, in: tx)
    }
    return order
}

/// Debits the total from the buyer's wallet, and counts the order in the reports.
private func payFromWallet(_ order: Order, by call: Call, in tx: any Transaction) throws {
    if order.amounts.total > .zero {
        try debitWallet(
            order.amounts.total, of: order.customer,
            for: .init(.purchase, by: call.caller.id, order: order.id, at: call.now), in: tx)
    }
    try updateSalesTotals(after: order.id, in: tx)
}

func requireTotal(_ total: Money, expectedBy purchase: Purchase) throws {
    guard let expected = purchase.expectedTotal, expected != total else { return }
    throw Problem.conflict("price_changed", "The total is now \(total.minorUnits).")
}
