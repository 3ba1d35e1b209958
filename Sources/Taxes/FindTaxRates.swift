import Service
public import Storage
public import Values

/// The rates at the destination of an order.
public struct TaxRates: Sendable {
    fileprivate var rates: [String: AppliedTax] = [:]
    /// The region that has rates of its own, as staff wrote it; nil if those of the country apply.
    public fileprivate(set) var region: String?

    /// No taxes.
    public static let zero = TaxRates()

    /// The rate of a class and its name; nil if there is none, which is a rate of 0.
    public func tax(of taxClass: String) -> AppliedTax? { rates[taxClass] }
}

/// A rate and its name, as an order copies them.
public struct AppliedTax: Sendable {
    /// The rate.
    public let rate: TaxRate
    /// The name on invoices.
    public let name: String
}

/// Returns the rates of a region, and those of its country for the classes without one.
///
/// It locks nothing: the rates are those at the time of the read.
public func taxRates(in country: String, region: String?, in tx: any Transaction)
    throws -> TaxRates
{
    var found = TaxRates()
    try tx.each(
        """
        SELECT class, region_key, region, rate, name FROM tax_rates
        WHERE country = \(country) AND region_key IN ('', \(region?.folded ?? ""))
        """
    ) { row in
        let (taxClass, regionKey): (String, String) = (try row["class"], try row["region_key"])
        if !regionKey.isEmpty || found.rates[taxClass] == nil {
            found.rates[taxClass] = AppliedTax(
                rate: TaxRate(basisPoints: try row["rate"]), name: try row["name"])
        }
        // Rates of one region may differ in its case.
        if let region: String = try row["region"] {
            found.region = min(region, found.region ?? region)
        }
        return true
    }
    return found
}
