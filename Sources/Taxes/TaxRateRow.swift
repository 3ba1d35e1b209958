import Customers
import HTTP
import Service
import Storage
import Values

/// The rate of a tax class in a country or in one of its regions.
struct TaxRateRow: Sendable, Equatable {
    let taxClass: String
    let country: String
    let region: String?
    let rate: TaxRate
    /// The name on invoices, such as `VAT 19 %`.
    let name: String

    /// What regions are compared by; empty for the whole country.
    var regionKey: String { region?.folded ?? "" }
}

extension TaxRateRow: Input {
    init(_ fields: inout Fields) {
        taxClass = fields.required("class", .slug)
        country = fields.required("country", .country)
        region = fields.optional("region", .line(1...100))
        rate = TaxRate(basisPoints: fields.required("rate", .taxRate))
        name = fields.required("name", .line(1...60))
    }
}

extension TaxRateRow: Record {
    static let columns: SQL = "class, country, region, rate, name"
    static let source: SQL = "tax_rates"

    init(_ row: Row, _ context: Void) throws {
        taxClass = try row["class"]
        country = try row["country"]
        region = try row["region"]
        rate = TaxRate(basisPoints: try row["rate"])
        name = try row["name"]
    }
}

extension TaxRateRow: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("class", taxClass)
            $0.field("country", country)
            $0.field("region", region)
            $0.field("rate", rate.basisPoints)
            $0.field("name", name)
        }
    }
}

/// All tax rates, by country, region and class.
struct TaxRateSet: Sendable {
    /// How often the rates were replaced.
    let version: Int64
    let rates: [TaxRateRow]

    /// Reads the rates; a write locks the version first, because there may be no rates to lock.
    init(in tx: any Transaction) throws {
        let row = try tx.first("SELECT count FROM tax_rate_changes \(.alone("tax_rate_changes"))")
        version = try row?["count"] ?? 0
        rates = try tx.all(
            TaxRateRow.self,
            "ORDER BY country, region_key, class LIMIT \(taxRatesMax) \(.alone("tax_rates"))")
    }
}

extension TaxRateSet: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("version", version)
            $0.field("data", rates)
        }
    }
}
