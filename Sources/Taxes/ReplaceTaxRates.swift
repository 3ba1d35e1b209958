import Customers
import HTTP
import Service
import Storage

/// The most tax rates of a shop, which one request must hold: see `ClientJSON.valuesMax`.
let taxRatesMax: Int64 = 1000

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

/// Replaces all tax rates, which makes a new version of them; orders keep the rates that they were made with.
@Sendable func replaceTaxRates(_ new: NewTaxRates, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let current = try TaxRateSet(in: tx)
    try call.requireMatch(current)
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
    let replaced = try TaxRateSet(in: tx)
    // Both sets as a whole. The largest body of a request bounds them.
    try audit(
        .changedTaxRates, of: nil, on: "/sales/tax-rates", before: JSONWriter.text(of: current),
        after: JSONWriter.text(of: replaced), by: call, in: tx)
    return .ok(replaced)
}
