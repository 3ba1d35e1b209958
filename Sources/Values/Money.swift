/// An amount in minor units (cents) of the shop's one currency.
///
/// Negative amounts leave a wallet.
public struct Money: Sendable, Hashable, Comparable {
    /// Cents.
    public let minorUnits: Int64

    /// An amount of cents.
    @inlinable public init(minorUnits: Int64) {
        self.minorUnits = minorUnits
    }

    /// Nothing.
    public static let zero = Money(minorUnits: 0)

    /// The largest total that can be charged, sold or held: 10¹⁵, far from where 64 bits end.
    public static let max = Money(minorUnits: 1_000_000_000_000_000)

    /// The sum, or nil where it is beyond ±`max`.
    public func adding(_ other: Money) -> Money? {
        bounded(minorUnits.addingReportingOverflow(other.minorUnits))
    }

    /// The price of `quantity` pieces, or nil where it is beyond ±`max`.
    public func times(_ quantity: Int64) -> Money? {
        bounded(minorUnits.multipliedReportingOverflow(by: quantity))
    }

    private func bounded(_ result: (partialValue: Int64, overflow: Bool)) -> Money? {
        guard !result.overflow, result.partialValue.magnitude <= Money.max.minorUnits.magnitude
        else { return nil }
        return Money(minorUnits: result.partialValue)
    }

    /// The same amount the other way.
    ///
    /// Never overflows: no `Money` that was stored is beyond ±`max`.
    public static prefix func - (amount: Money) -> Money {
        Money(minorUnits: -amount.minorUnits)
    }

    /// By amount.
    public static func < (left: Money, right: Money) -> Bool {
        left.minorUnits < right.minorUnits
    }
}
