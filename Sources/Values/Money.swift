/// An amount in minor units (cents) of the shop's currency.
///
/// A negative amount is a debit of a wallet.
public struct Money: Sendable, Hashable, Comparable {
    /// The amount in cents.
    public let minorUnits: Int64

    /// Creates an amount from cents.
    @inlinable public init(minorUnits: Int64) {
        self.minorUnits = minorUnits
    }

    /// An amount of 0.
    public static let zero = Money(minorUnits: 0)

    /// The largest amount of a charge, an order or a balance: 10¹⁵ cents, far below the limit of
    /// Int64.
    public static let max = Money(minorUnits: 1_000_000_000_000_000)

    /// The sum, or nil if it is outside ±`max`.
    public func adding(_ other: Money) -> Money? {
        bounded(minorUnits.addingReportingOverflow(other.minorUnits))
    }

    /// The price of `quantity` units, or nil if it is outside ±`max`.
    public func times(_ quantity: Int64) -> Money? {
        bounded(minorUnits.multipliedReportingOverflow(by: quantity))
    }

    private func bounded(_ result: (partialValue: Int64, overflow: Bool)) -> Money? {
        guard !result.overflow, result.partialValue.magnitude <= Money.max.minorUnits.magnitude
        else { return nil }
        return Money(minorUnits: result.partialValue)
    }

    /// The amount with the opposite sign.
    ///
    /// It never overflows, because every stored `Money` is within ±`max`.
    public static prefix func - (amount: Money) -> Money {
        Money(minorUnits: -amount.minorUnits)
    }

    /// Compares by amount.
    public static func < (left: Money, right: Money) -> Bool {
        left.minorUnits < right.minorUnits
    }
}
