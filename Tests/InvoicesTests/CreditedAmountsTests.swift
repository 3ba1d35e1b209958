import Crypto
import HTTP
import TestShop
import Testing
import Values

@testable import Invoices
@testable import Sales

func sha256(_ text: String) -> String { SHA256.hash(Array(text.utf8)).hexadecimal }

/// The amounts of credit notes.
@Suite struct CreditedAmountsTests {
    private var random = SeededRandom(seed: SeededRandom.seed)

    private mutating func line(_ product: Int64, isTaxIncluded: Bool) -> InvoicedLine {
        let price = Int64(random.below([3, 1000, 100_000_000][random.below(3)]) + 1)
        let quantity = Int64(random.below(7) + 1)
        let discount = Int64(random.below(Int(price * quantity) + 1)) * Int64(random.below(2))
        let rate = TaxRate(basisPoints: Int64([0, 700, 1900, 10_000][random.below(4)]))
        let total = Money(minorUnits: price * quantity - discount)
        return InvoicedLine(
            product: product, name: "p", sku: nil, unitPrice: Money(minorUnits: price),
            quantity: quantity, discount: Money(minorUnits: discount),
            tax: rate.tax(on: total, included: isTaxIncluded), taxRate: rate, taxName: nil,
            total: total)
    }

    private mutating func order() -> InvoicedOrder {
        let isTaxIncluded = random.below(2) == 0
        var lines: [InvoicedLine] = []
        for product in 1...(random.below(5) + 1) {
            lines.append(line(Int64(product), isTaxIncluded: isTaxIncluded))
        }
        let shipping = Money(minorUnits: Int64(random.below(3) * 490))
        let rate = TaxRate(basisPoints: 1900)
        let shippingTax = rate.tax(on: shipping, included: isTaxIncluded)
        let tax = lines.reduce(shippingTax) { $0 &+ $1.tax }
        let sum = lines.reduce(shipping) { $0 &+ $1.total }
        return InvoicedOrder(
            id: 1, customer: 1, username: "a", email: nil, paymentMethod: "wallet", coupon: nil,
            currency: "EUR", isTaxIncluded: isTaxIncluded, shipping: shipping,
            shippingTax: shippingTax, shippingTaxRate: rate, shippingMethod: nil, tax: tax,
            total: isTaxIncluded ? sum : sum &+ tax, shippingAddress: nil, billingAddress: nil,
            createdAt: Instant(milliseconds: 0), paidAt: Instant(milliseconds: 0), lines: lines)
    }

    /// Refunds of random units in random order, until nothing is left.
    private mutating func refunds(of order: InvoicedOrder) -> [InvoicedRefund] {
        var left = order.lines.map(\.quantity)
        var (refunds, shipping): ([InvoicedRefund], Money) = ([], order.shipping)
        if !order.isTaxIncluded { shipping = shipping &+ order.shippingTax }
        while left.contains(where: { $0 > 0 }) || shipping > .zero {
            var (units, amount): ([RefundedUnits], Money) = ([], .zero)
            for index in left.indices where left[index] > 0 && random.below(2) == 0 {
                let line = order.lines[index]
                let count = Int64(random.below(Int(left[index])) + 1)
                let before = line.quantity - left[index]
                let paid = order.isTaxIncluded ? line.total : line.total &+ line.tax
                amount =
                    amount &+ paid.part(before + count, of: line.quantity)
                    &- paid.part(before, of: line.quantity)
                units.append(
                    RefundedUnits(product: line.product, before: before, quantity: count))
                left[index] -= count
            }
            if random.below(3) == 0 {
                amount = amount &+ shipping
                shipping = .zero
            }
            guard !units.isEmpty || amount > .zero else { continue }
            refunds.append(
                InvoicedRefund(
                    id: Int64(refunds.count + 1), amount: amount,
                    createdAt: Instant(milliseconds: 0), units: units))
        }
        return refunds
    }

    /// For any order and any refunds, each credit note gives back what its refund paid, and all of
    /// them together what the invoice charges, for each tax rate.
    @Test mutating func anyRefundsEndAtZero() {
        for _ in 0..<5000 {
            let order = order()
            let invoice = order.charged
            #expect(invoice.total == order.total && invoice.tax == order.tax)
            let credits = refunds(of: order).map { refund in
                let credited = order.credited(by: refund)
                #expect(credited.total == refund.amount)
                return credited
            }
            func sum(_ amount: (Amounts) -> Money) -> Money {
                credits.reduce(.zero) { $0 &+ amount($1) }
            }
            #expect(sum(\.total) == invoice.total)
            #expect(sum(\.tax) == invoice.tax)
            #expect(sum(\.subtotal) == invoice.subtotal)
            #expect(sum(\.discount) == invoice.discount)
            for tax in invoice.taxes {
                let credited = credits.flatMap(\.taxes).filter { $0.rate == tax.rate }
                #expect(credited.reduce(.zero) { $0 &+ $1.net } == tax.net)
                #expect(credited.reduce(.zero) { $0 &+ $1.tax } == tax.tax)
            }
            let sums = invoice.taxes.reduce(Money.zero) { $0 &+ $1.net &+ $1.tax }
            #expect(sums == invoice.total)
        }
    }

    /// Several refunds from before their units were stored.
    @Test mutating func creditsARefundOfUnknownUnits() {
        let order = order()
        let refund = InvoicedRefund(
            id: 1, amount: Money(minorUnits: 1), createdAt: order.createdAt)
        let credited = order.credited(by: refund)
        #expect(credited.total == Money(minorUnits: 1))
        #expect(credited.lines.map(\.product) == [nil] || credited.shipping != nil)
    }
}
