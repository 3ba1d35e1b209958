import HTTP
import Inventory
import Service
import Storage
import Values

/// The amounts of an order at the current prices.
struct OrderQuote: Sendable {
    let amounts: OrderAmounts
    /// By product id.
    let lines: [OrderLine]
}

/// Makes the amounts of an order.
///
/// - Throws: `Problem` 422 if the total exceeds `Money.max`.
func quote(
    _ items: [(product: SoldProduct, quantity: Int64)], for purchase: Purchase, by call: Call,
    in tx: any Transaction
) throws -> OrderQuote {
    var subtotal = Money.zero
    var lines: [OrderLine] = []
    lines.reserveCapacity(items.count)
    for (product, quantity) in items {
        guard let sum = product.price.times(quantity).flatMap(subtotal.adding) else {
            throw costsTooMuch
        }
        subtotal = sum
        lines.append(
            OrderLine(
                product: product.id, name: product.name, sku: product.sku,
                unitPrice: product.price, quantity: quantity,
                requiresShipping: product.requiresShipping))
    }
    return OrderQuote(
        amounts: OrderAmounts(
            subtotal: subtotal, discount: .zero, shipping: .zero, tax: .zero, shippingTax: .zero,
            shippingTaxRate: 0, isTaxIncluded: true, total: subtotal),
        lines: lines)
}

private let costsTooMuch = Problem.invalid([
    .init(field: "items", message: "must not cost more than \(Money.max.minorUnits)")
])
