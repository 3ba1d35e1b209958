/// A tax rate in basis points: 1900 is 19 %.
public struct TaxRate: Sendable, Hashable {
    /// Hundredths of a percent, 0 to 10,000.
    public let basisPoints: Int64

    /// Creates a rate from basis points.
    public init(basisPoints: Int64) {
        self.basisPoints = basisPoints
    }

    /// A rate of 0.
    public static let zero = TaxRate(basisPoints: 0)

    /// The tax on an amount, which contains it or not.
    public func tax(on amount: Money, included: Bool) -> Money {
        included ? tax(inGross: amount) : tax(onNet: amount)
    }

    /// The tax in an amount that contains it: `gross · r / (10000 + r)`, rounded half up.
    public func tax(inGross gross: Money) -> Money {
        gross.scaled(by: basisPoints, over: 10_000 + basisPoints)
    }

    /// The tax on an amount without it: `net · r / 10000`, rounded half up.
    public func tax(onNet net: Money) -> Money {
        net.scaled(by: basisPoints, over: 10_000)
    }
}

extension Money {
    /// The part of this amount for `units` of `quantity` equal units, rounded down.
    ///
    /// The parts of consecutive units are differences of this function, so they add up to the whole
    /// amount in any order and any portions. Both the amount and `units` are at least 0, `quantity`
    /// is at least 1 and at most 10⁶.
    public func part(_ units: Int64, of quantity: Int64) -> Money {
        // Without a product that exceeds the amount by more than the square of the quantity.
        let (whole, rest) = minorUnits.quotientAndRemainder(dividingBy: quantity)
        return Money(minorUnits: units &* whole &+ units &* rest / quantity)
    }

    /// This amount times `factor / divisor`, rounded half up.
    ///
    /// All are at least 0, and the divisor is at most 20,000, so that nothing overflows.
    fileprivate func scaled(by factor: Int64, over divisor: Int64) -> Money {
        let (whole, rest) = minorUnits.quotientAndRemainder(dividingBy: divisor)
        return Money(
            minorUnits: whole &* factor &+ (2 &* rest &* factor &+ divisor) / (2 &* divisor))
    }

    /// The sum, without a check of the limits: only for amounts whose sum is stored.
    public static func &+ (left: Money, right: Money) -> Money {
        Money(minorUnits: left.minorUnits &+ right.minorUnits)
    }

    /// The difference, without a check of the limits: only for parts of an amount.
    public static func &- (left: Money, right: Money) -> Money {
        Money(minorUnits: left.minorUnits &- right.minorUnits)
    }

    /// The price of several units, without a check of the limits: only for stored lines.
    public static func &* (left: Money, right: Int64) -> Money {
        Money(minorUnits: left.minorUnits &* right)
    }
}
