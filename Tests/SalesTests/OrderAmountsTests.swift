import TestShop
import Testing
import Values

@testable import Sales

/// The amounts of a million random orders and their refunds, without a database.
@Suite struct OrderAmountsTests {
    @Test func addUpAndAreRefundedToZero() {
        let seed = SeededRandom.seed
        var chance = SeededRandom(seed: seed)
        var faults: [String] = []
        var orders = 0
        while orders < 1_000_000, faults.count < 10 {
            let isTaxIncluded = chance.below(2) == 0
            let lines = (0...chance.below(2)).map { _ in line(&chance, isTaxIncluded) }
            let shipping = Money(minorUnits: Int64(chance.below(3) * chance.below(2000)))
            let rate = TaxRate(basisPoints: Int64(chance.below(3) * 950))
            orders += 1
            guard
                let amounts = OrderAmounts(
                    of: lines, shipping: shipping, shippingTax: rate, isTaxIncluded: isTaxIncluded)
            else {
                if !isTooLarge(lines) { faults.append("\(lines) has no sum") }
                continue
            }
            if let fault = fault(in: amounts, of: lines) { faults.append(fault) }
            var left = amounts.total.minorUnits - amounts.shippingAmount.minorUnits
            for line in lines { left -= refundAll(line, &chance) }
            if left != 0 { faults.append("\(left) left of \(lines)") }
        }
        #expect(faults == [], "seed \(seed)")
    }

    private func line(_ chance: inout SeededRandom, _ isTaxIncluded: Bool) -> OrderLine {
        let isLarge = chance.below(8) == 0
        let quantity = Int64(chance.below(isLarge ? 1_000_000 : 12) + 1)
        let price = Int64(chance.below(isLarge ? 100_000_000_000 : 5000))
        let isFullPrice = chance.below(4) > 0
        var line = OrderLine(
            product: 1, name: "", sku: nil, unitPrice: Money(minorUnits: price),
            quantity: quantity,
            discount: Money(
                minorUnits: isFullPrice ? 0 : Int64(chance.below(Int(price * quantity) + 1))),
            taxRate: TaxRate(basisPoints: Int64(chance.below(10_001))),
            isTaxIncluded: isTaxIncluded)
        line.tax = line.taxRate.tax(on: line.total, included: isTaxIncluded)
        return line
    }

    private func isTooLarge(_ lines: [OrderLine]) -> Bool {
        let price = lines.reduce(0.0) {
            $0 + Double($1.unitPrice.minorUnits) * Double($1.quantity)
        }
        return 2 * price > 0.99e15
    }

    private func fault(in amounts: OrderAmounts, of lines: [OrderLine]) -> String? {
        let tax = lines.reduce(amounts.shippingTax.minorUnits) { $0 + $1.tax.minorUnits }
        let parts =
            lines.reduce(0) { $0 + $1.total.minorUnits } + amounts.shipping.minorUnits
            + (amounts.isTaxIncluded ? 0 : tax)
        return amounts.tax.minorUnits == tax && amounts.total.minorUnits == parts
            && amounts.total <= .max && lines.allSatisfy { $0.tax <= $0.total }
            ? nil : "\(amounts) of \(lines)"
    }

    /// Refunds a line in random portions.
    ///
    /// - Returns: what they pay back together; `Int64.min` if a portion is negative.
    private func refundAll(_ line: OrderLine, _ chance: inout SeededRandom) -> Int64 {
        var line = line
        var sum: Int64 = 0
        while line.left > 0 {
            let units = Int64(chance.below(Int(min(line.left, 1 + line.quantity / 3)))) + 1
            let portion = line.refund(of: units).minorUnits
            guard portion >= 0 else { return .min }
            sum += portion
            line.refundedQuantity += units
        }
        return sum
    }
}
