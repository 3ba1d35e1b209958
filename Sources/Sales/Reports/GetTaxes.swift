import HTTP
import Inventory
import Service
import Storage
import Values

/// The taxes of one rate in one country and region.
struct TaxReport: JSONWritable {
    /// Nil for orders without a destination.
    let country: String?
    let region: String?
    /// Basis points.
    let rate: Int64
    /// What the tax is due on, of the orders that were paid in the period.
    let net: Money
    let tax: Money
    /// Of the refunds that were made in the period.
    let refundedNet: Money
    let refundedTax: Money
    let currency: String

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("country", country)
            $0.field("region", region)
            $0.field("rate", rate)
            $0.field("net", net)
            $0.field("tax", tax)
            $0.field("refunded_net", refundedNet)
            $0.field("refunded_tax", refundedTax)
            $0.field("currency", currency)
        }
    }
}

extension TaxReport: CSVRecord {
    static let columns = [
        "country", "region", "rate", "net", "tax", "refunded_net", "refunded_tax", "currency",
    ]

    var cells: [CSVCell] {
        [
            .text(country), .text(region), .number(rate), .amount(net), .amount(tax),
            .amount(refundedNet), .amount(refundedTax), .text(currency),
        ]
    }
}

@Sendable func getTaxes(_ range: ReportRange, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let days = range.days(today: try day(of: call.now, in: tx))
    let reports = try tx.all(
        """
        SELECT country, region, rate, \(SQL(sum: "net")) AS net, \(SQL(sum: "tax")) AS tax,
            \(SQL(sum: "refunded_net")) AS refunded_net, \(SQL(sum: "refunded_tax")) AS refunded_tax
        FROM (\(taxesByDay)) AS sales
        WHERE day BETWEEN \(days.first) AND \(days.last)
        GROUP BY country, region, rate ORDER BY country, region, rate
        """
    ) { row in
        let (country, region): (String, String) = (try row["country"], try row["region"])
        return TaxReport(
            country: country.isEmpty ? nil : country, region: region.isEmpty ? nil : region,
            rate: try row["rate"], net: try row["net"], tax: try row["tax"],
            refundedNet: try row["refunded_net"], refundedTax: try row["refunded_tax"],
            currency: call.shop.currency)
    }
    return call.report(reports)
}
