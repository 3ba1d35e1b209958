import Values

/// Amounts in the units that Stripe counts in (https://docs.stripe.com/currencies).
///
/// The shop counts in the minor units of ISO 4217.
enum StripeAmount {
    /// Currencies without decimals.
    private static let whole: Set = [
        "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
        "XOF", "XPF",
    ]
    /// Currencies in hundredths that are always 00.
    private static let wholeInHundredths: Set = ["ISK", "UGX"]
    /// Currencies in thousandths, the last digit of which is always 0.
    private static let thousandths: Set = ["BHD", "JOD", "KWD", "OMR", "TND"]

    /// The power of ten between a minor unit and a unit of Stripe; nil if Stripe does not take the
    /// currency.
    private static func unit(of currency: String) -> (multiplier: Int64, divisor: Int64)? {
        let digits = minorDigits(of: currency)
        if whole.contains(currency) { return (1, digits == 2 ? 100 : 1) }
        if wholeInHundredths.contains(currency) { return (100, 1) }
        return digits == 2 || thousandths.contains(currency) ? (1, 1) : nil
    }

    /// The amount in minor units of which others must be multiples; nil if Stripe does not take the
    /// currency.
    static func step(of currency: String) -> Money? {
        guard let unit = unit(of: currency) else { return nil }
        return Money(minorUnits: thousandths.contains(currency) ? 10 : unit.divisor)
    }

    /// The amount in units of Stripe; nil if it is not a multiple of `step(of:)`.
    static func amount(_ money: Money, _ currency: String) -> Int64? {
        guard let unit = unit(of: currency), let step = step(of: currency),
            money.minorUnits.isMultiple(of: step.minorUnits)
        else { return nil }
        return money.minorUnits * unit.multiplier / unit.divisor
    }

    /// The amount in minor units; nil if it is none.
    ///
    /// Messages may be about other currencies than the shop's, and about any amount.
    static func money(_ amount: Int64, _ currency: String) -> Money? {
        let unit = unit(of: currency) ?? (1, 1)
        let (units, isTooLarge) = amount.multipliedReportingOverflow(by: unit.divisor)
        guard !isTooLarge, units.isMultiple(of: unit.multiplier) else { return nil }
        let money = Money(minorUnits: units / unit.multiplier)
        return (.zero ... .max).contains(money) ? money : nil
    }
}

extension Payment {
    /// The largest part of `amount` that can go back to the source of the payment.
    ///
    /// It is at most what is left of the payment, in units that the provider counts in.
    public func refundable(atMost amount: Money) -> Money {
        let part = min(amount, captured &- refunded)
        guard provider == StripeProvider.name, let step = StripeAmount.step(of: currency) else {
            return part
        }
        return part &- Money(minorUnits: part.minorUnits % step.minorUnits)
    }
}
