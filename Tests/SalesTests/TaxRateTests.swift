import TestShop
import Testing
import Values

@Suite struct TaxRateTests {
    static let included: [(gross: Int64, rate: Int64, tax: Int64)] = [
        (0, 1900, 0), (119, 1900, 19), (1, 10_000, 1), (3, 10_000, 2), (100, 0, 0),
        (250, 1900, 40), (4999, 700, 327), (1_000_000_000_000_000, 10_000, 500_000_000_000_000),
        (999_999_999_999_999, 9999, 499_974_998_749_937),
    ]

    static let added: [(net: Int64, rate: Int64, tax: Int64)] = [
        (0, 1900, 0), (100, 1900, 19), (1, 5000, 1), (1, 4999, 0), (250, 1900, 48),
        (1_000_000_000_000_000, 10_000, 1_000_000_000_000_000),
    ]

    @Test func roundsHalfUp() {
        for row in Self.included {
            let tax = TaxRate(basisPoints: row.rate).tax(inGross: Money(minorUnits: row.gross))
            #expect(tax.minorUnits == row.tax, "\(row)")
        }
        for row in Self.added {
            let tax = TaxRate(basisPoints: row.rate).tax(onNet: Money(minorUnits: row.net))
            #expect(tax.minorUnits == row.tax, "\(row)")
        }
    }

    /// A million amounts, compared with a product of 128 bits.
    @Test func agreesWithTheExactFraction() {
        let seed = SeededRandom.seed
        var chance = SeededRandom(seed: seed)
        var wrong = 0
        for _ in 0..<500_000 {
            let amount = chance.amount()
            let rate = Int64(chance.below(10_001))
            let money = Money(minorUnits: amount)
            let included = TaxRate(basisPoints: rate).tax(inGross: money).minorUnits
            let added = TaxRate(basisPoints: rate).tax(onNet: money).minorUnits
            if included != rounded(amount, rate, over: 10_000 + rate) { wrong += 1 }
            if added != rounded(amount, rate, over: 10_000) { wrong += 1 }
        }
        #expect(wrong == 0, "seed \(seed)")
    }

    /// `amount · factor / divisor`, rounded half up.
    private func rounded(_ amount: Int64, _ factor: Int64, over divisor: Int64) -> Int64 {
        let product = UInt64(amount).multipliedFullWidth(by: UInt64(2 * factor))
        let (low, overflow) = product.low.addingReportingOverflow(UInt64(divisor))
        let sum = (product.high + (overflow ? 1 : 0), low)
        return Int64(UInt64(2 * divisor).dividingFullWidth(sum).quotient)
    }
}

extension SeededRandom {
    /// An amount up to `Money.max`: small ones and those near the limit are as likely as others.
    mutating func amount() -> Int64 {
        switch below(4) {
        case 0: Int64(below(1000))
        case 1: Int64(below(10_000_000))
        case 2: Money.max.minorUnits - Int64(below(1000))
        default: Int64(below(Int(Money.max.minorUnits) + 1))
        }
    }
}
