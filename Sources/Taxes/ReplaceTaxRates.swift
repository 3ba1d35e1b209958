import Customers
import HTTP
import Service
import Storage

/// The most tax rates of a shop.
let taxRatesMax: Int64 = 2000

/// The body of `PUT /sales/tax-rates`.
struct NewTaxRates: Input {
    let rates: [TaxRateRow]

    init(_ fields: inout Fields) {
        rates = fields.list("data", count: 0...Int(taxRatesMax), of: TaxRateRow.self)
        // The placeholders of faulty rows would count as duplicates.
        guard !fields.hasFaults else { return }
        var seen: Set<[String]> = []
        for (index, rate) in rates.enumerated() {
            let key = [rate.country, rate.regionKey, rate.taxClass]
            if !seen.insert(key).inserted {
                fields.fault("data[\(index)].class", "duplicates another row")
            }
        }
    }
}

/// Replaces all tax rates; orders keep the rates that they were made with.
@Sendable func replaceTaxRates(_ new: NewTaxRates, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    _ = try tx.first("SELECT count FROM tax_rate_changes \(.alone("tax_rate_changes"))")
    let current = try allTaxRates(in: tx)
    try call.requireMatch(Listing(current))
    try tx.run("UPDATE tax_rate_changes SET count = count + 1")
    try tx.run("DELETE FROM tax_rates")
    for rate in new.rates {
        try tx.later(
            """
            INSERT INTO tax_rates (country, region_key, class, region, rate, name)
            VALUES (\(rate.country), \(rate.regionKey), \(rate.taxClass), \(rate.region.stored),
                \(rate.rate.basisPoints), \(rate.name))
            """)
    }
    let replaced = try allTaxRates(in: tx)
    try audit(
        .changedTaxRates, of: nil, on: "/sales/tax-rates",
        before: changes(of: current, from: replaced), after: changes(of: replaced, from: current),
        by: call, in: tx)
    return .ok(Listing(replaced))
}

/// The rows that `other` does not have, as JSON for the audit log: at most 100.
private func changes(of rates: [TaxRateRow], from other: [TaxRateRow]) -> String {
    let changed = rates.filter { !other.contains($0) }.prefix(100)
    return JSONWriter.text(of: changed)
}
