public import Service
public import Values

/// A sentence for the buyer of an order: what to pay, and how; empty if nothing is due.
///
/// `hold` is the time until which the order waits, as RFC 3339 or empty.
public func paymentRequest(
    _ due: Money, by method: PaymentMethod, until hold: String, number: String, currency: String
) -> String {
    guard due > .zero else { return "" }
    let amount = formatted(due.minorUnits, currency: currency)
    switch method {
    case .bankTransfer:
        return """
            Please transfer \(amount) until \(hold.prefix(10)), with the number of the order, \
            \(number), as the reference.
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
