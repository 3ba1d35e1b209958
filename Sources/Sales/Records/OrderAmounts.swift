import HTTP
import Storage
import Values

/// The amounts of an order.
///
/// `total` is the subtotal less the discount, plus shipping, plus the tax unless it is included.
struct OrderAmounts: Sendable {
    /// The prices of all units, before the discount.
    let subtotal: Money
    let discount: Money
    let shipping: Money
    /// The tax of all lines and of shipping.
    let tax: Money
    /// The part of `tax` for shipping.
    let shippingTax: Money
    /// The tax rate of shipping in basis points.
    let shippingTaxRate: Int64
    /// Whether the prices contain the tax.
    let isTaxIncluded: Bool
    let total: Money

    /// What the buyer pays for shipping, with its tax.
    var shippingAmount: Money { isTaxIncluded ? shipping : shipping &+ shippingTax }
}

extension OrderAmounts {
    static let columns: SQL = """
        orders.subtotal, orders.discount, orders.shipping, orders.tax, orders.shipping_tax,
        orders.shipping_tax_rate, orders.tax_included, orders.total
        """

    init(_ row: Row) throws {
        self.init(
            subtotal: try row["subtotal"], discount: try row["discount"],
            shipping: try row["shipping"], tax: try row["tax"],
            shippingTax: try row["shipping_tax"], shippingTaxRate: try row["shipping_tax_rate"],
            isTaxIncluded: try row["tax_included"], total: try row["total"])
    }

    func write(membersTo json: inout JSONWriter) {
        json.field("subtotal", subtotal)
        json.field("discount", discount)
        json.field("shipping", shipping)
        json.field("tax", tax)
        json.field("tax_included", isTaxIncluded)
        json.field("total", total)
    }
}

extension OrderAmounts {
    /// The prices of all units, or nil beyond `Money.max`.
    static func subtotal(of units: [(price: Money, quantity: Int64)]) -> Money? {
        var sum = Money.zero
        for (price, quantity) in units {
            guard let next = price.times(quantity).flatMap(sum.adding) else { return nil }
            sum = next
        }
        return sum
    }

    /// Adds up an order; nil if an amount is beyond `Money.max`.
    init?(of lines: [OrderLine], shipping: Money, shippingTax rate: TaxRate, isTaxIncluded: Bool) {
        guard let subtotal = OrderAmounts.subtotal(of: lines.map { ($0.unitPrice, $0.quantity) })
        else { return nil }
        // Discounts and taxes are at most as large as the prices.
        let discount = lines.reduce(Money.zero) { $0 &+ $1.discount }
        let shippingTax = rate.tax(on: shipping, included: isTaxIncluded)
        let tax = lines.reduce(shippingTax) { $0 &+ $1.tax }
        guard let sent = (subtotal &- discount).adding(shipping),
            let total = isTaxIncluded ? sent : sent.adding(tax)
        else { return nil }
        self.init(
            subtotal: subtotal, discount: discount, shipping: shipping, tax: tax,
            shippingTax: shippingTax, shippingTaxRate: rate.basisPoints,
            isTaxIncluded: isTaxIncluded, total: total)
    }
}
