import HTTP
import Sales
import Values

/// A line of a document.
struct DocumentLine: Sendable {
    /// Nil for a refund whose units are not known.
    let product: Int64?
    let sku: String?
    let name: String
    let quantity: Int64
    let unitPrice: Money
    let discount: Money
    let taxRate: TaxRate
    let taxName: String?
    let tax: Money
    /// The price after the discount, which contains the tax if the prices do.
    let total: Money
}

/// Shipping in a document.
struct DocumentShipping: Sendable {
    let method: String?
    let price: Money
    let taxRate: TaxRate
    let tax: Money
}

/// The tax of one rate.
struct TaxSum: Sendable {
    let rate: TaxRate
    let name: String?
    /// The taxable amount.
    var net = Money.zero
    var tax = Money.zero
}

/// What a document charges or gives back.
struct Amounts: Sendable {
    let isTaxIncluded: Bool
    let lines: [DocumentLine]
    /// Nil if nothing is charged or given back for shipping.
    let shipping: DocumentShipping?

    var subtotal: Money { lines.reduce(.zero) { $0 &+ $1.unitPrice &* $1.quantity } }
    var discount: Money { lines.reduce(.zero) { $0 &+ $1.discount } }
    var tax: Money { lines.reduce(shipping?.tax ?? .zero) { $0 &+ $1.tax } }
    var total: Money {
        subtotal &- discount &+ (shipping?.price ?? .zero) &+ (isTaxIncluded ? .zero : tax)
    }

    /// The sums for each rate, the highest first.
    var taxes: [TaxSum] {
        var sums: [TaxSum] = []
        func add(_ price: Money, _ tax: Money, _ rate: TaxRate, _ name: String?) {
            let index =
                sums.firstIndex { $0.rate == rate && ($0.name == name || name == nil) }
                ?? sums.endIndex
            if index == sums.endIndex { sums.append(TaxSum(rate: rate, name: name)) }
            sums[index].net = sums[index].net &+ (isTaxIncluded ? price &- tax : price)
            sums[index].tax = sums[index].tax &+ tax
        }
        for line in lines { add(line.total, line.tax, line.taxRate, line.taxName) }
        // An order stores no name for the tax of shipping, so it is that of a line.
        if let shipping { add(shipping.price, shipping.tax, shipping.taxRate, nil) }
        return sums.sorted { $0.rate.basisPoints > $1.rate.basisPoints }
    }
}

extension InvoicedOrder {
    /// What the invoice charges.
    var charged: Amounts {
        Amounts(
            isTaxIncluded: isTaxIncluded,
            lines: lines.map { $0.part(of: RefundedUnits(all: $0), isTaxIncluded: isTaxIncluded) },
            shipping: shipping > .zero || shippingMethod != nil ? wholeShipping : nil)
    }

    private var wholeShipping: DocumentShipping {
        DocumentShipping(
            method: shippingMethod, price: shipping, taxRate: shippingTaxRate, tax: shippingTax)
    }

    /// What the credit note of a refund gives back: exactly the shares that the refund paid.
    ///
    /// Shipping is refunded as a whole, and is what a refund paid beyond its lines. An order that was
    /// never paid has no refunds, and is cancelled as a whole.
    func credited(by refund: InvoicedRefund) -> Amounts {
        guard paidAt != nil else { return charged }
        var credited = refund.units.compactMap { units in
            lines.first { $0.product == units.product }?
                .part(of: units, isTaxIncluded: isTaxIncluded)
        }
        let lineAmounts = Amounts(isTaxIncluded: isTaxIncluded, lines: credited, shipping: nil)
        let shippingAmount = isTaxIncluded ? shipping : shipping &+ shippingTax
        let rest = refund.amount &- lineAmounts.total
        if rest > .zero, rest != shippingAmount {
            credited.append(DocumentLine(refundOf: rest))
        }
        return Amounts(
            isTaxIncluded: isTaxIncluded, lines: credited,
            shipping: rest > .zero && rest == shippingAmount ? wholeShipping : nil)
    }
}

extension RefundedUnits {
    /// All units of a line.
    fileprivate init(all line: InvoicedLine) {
        self.init(product: line.product, before: 0, quantity: line.quantity)
    }
}

extension DocumentLine {
    /// A refund of an earlier version, which did not store its units and knew no tax.
    fileprivate init(refundOf amount: Money) {
        self.init(
            product: nil, sku: nil, name: "Refund", quantity: 1, unitPrice: amount,
            discount: .zero, taxRate: .zero, taxName: nil, tax: .zero, total: amount)
    }
}

extension InvoicedLine {
    /// The share of some units.
    ///
    /// The shares of all units add up to the line: each is a difference of parts rounded down, as a
    /// refund computes it. The discount is the rest, so it may differ by one minor unit from its own
    /// share.
    fileprivate func part(of units: RefundedUnits, isTaxIncluded: Bool) -> DocumentLine {
        func share(_ amount: Money) -> Money {
            amount.part(units.before + units.quantity, of: quantity)
                &- amount.part(units.before, of: quantity)
        }
        let paid = share(isTaxIncluded ? total : total &+ tax)
        let tax = share(tax)
        let total = isTaxIncluded ? paid : paid &- tax
        return DocumentLine(
            product: product, sku: sku, name: name, quantity: units.quantity,
            unitPrice: unitPrice, discount: unitPrice &* units.quantity &- total,
            taxRate: taxRate, taxName: taxName, tax: tax, total: total)
    }
}
