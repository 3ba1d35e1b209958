import HTTP
import Service
import Storage
import Values

extension OrderLine {
    /// The units that the customer has: shipped, and not refunded.
    ///
    /// Units that came back by a return were refunded. Other refunds count first for units that
    /// were not shipped.
    var unitsAtCustomer: Int64 { min(shippedQuantity - returnedQuantity, left) }
}

extension Order {
    /// The units of a product for which the customer can request a return.
    func returnable(_ product: Int64) -> Int64 {
        guard let line = lines.first(where: { $0.product == product }) else { return 0 }
        let requested = returns.filter(\.status.isOpen).flatMap(\.items)
            .filter { $0.product == product }.reduce(0) { $0 + $1.quantity }
        return max(0, line.unitsAtCustomer - requested)
    }
}

/// Rejects a return after the period, which begins with the delivery.
///
/// The period includes the whole last day in the shop's time zone (Regulation (EEC, Euratom)
/// 1182/71, article 3). With 0 days it ends with the delivery.
///
/// - Throws: `Problem` 409 `return_period_over`.
func requireReturnPeriod(of order: Order, _ call: Call, in tx: any Transaction) throws {
    guard let delivery = order.deliveredAt else { return }
    let days = call.shop.returnDays
    if days > 0 {
        let last = try day(of: delivery, in: tx).adding(days: days)
        if try day(of: call.now, in: tx) <= last { return }
    }
    throw Problem.conflict(
        "return_period_over", "Returns were possible until \(days) days after the delivery.")
}

/// 409: the items at these places of the body exceed the units that can be returned.
func returnExceedsOrder(_ places: [Int] = []) -> Problem {
    Problem(
        .conflict, "return_exceeds_order", "The return exceeds the units that can be returned.",
        faults: places.map {
            .init(field: "items[\($0)].quantity", message: "exceeds what can be returned")
        })
}
