public import Service
public import Storage
public import Values

/// A sentence for the buyer of an order: what to pay, and how; empty if nothing is due.
///
/// `hold` is the time until which the order waits. A transfer is asked for until its day in the
/// time zone of the shop.
public func paymentRequest(
    _ due: Money, by method: PaymentMethod, until hold: Instant?, number: String,
    currency: String, in tx: any Transaction
) throws -> String {
    guard due > .zero else { return "" }
    let amount = formatted(due.minorUnits, currency: currency)
    switch method {
    case .bankTransfer:
        let end = try hold.map { " until \(try day(of: $0, in: tx).text)" } ?? ""
        return """
            Please transfer \(amount)\(end), with the number of the order, \(number), as the \
            reference.
            """
    case .cashOnDelivery: return "Please pay \(amount) when the order is delivered."
    case .wallet, .card, .test, .cash, .giftCard: return "We wait for your payment of \(amount)."
    }
}

/// Lines for the buyer of an order about what its total contains besides the prices of the products.
///
/// Amounts are in minor units; those that are 0 have no line.
public func mailedAmounts(
    discount: Int64, shipping: Int64, addedTax: Int64, currency: String
) -> [String] {
    [("Discount", -discount), ("Shipping", shipping), ("Tax", addedTax)].filter { $1 != 0 }
        .map { "\($0): \(formatted($1, currency: currency))" }
}
