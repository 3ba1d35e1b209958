import HTTP
import Inventory
import Service
import Storage
import Values

/// The units and the amount sold of one product.
struct ProductReport: JSONWritable {
    let product: Int64
    let name: String
    let units: Int64
    let gross: Money
    let currency: String

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("product_id", product)
            $0.field("name", name)
            $0.field("units", units)
            $0.field("gross", gross)
            $0.field("currency", currency)
        }
    }
}

extension ProductReport: CSVRecord {
    static let columns = ["product_id", "name", "units", "gross", "currency"]

    var cells: [CSVCell] {
        [.number(product), .text(name), .number(units), .amount(gross), .text(currency)]
    }
}

/// The hundred products with the highest amounts, with their current names.
@Sendable func getTopProducts(_ range: ReportRange, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let days = range.days(today: try day(of: call.now, in: tx))
    let sums: [(product: Int64, units: Int64, gross: Money)] = try tx.all(
        """
        SELECT product_id, \(SQL(sum: "units")) AS units, \(SQL(sum: "gross")) AS gross
        FROM (\(salesByDayAndProduct)) AS sales
        WHERE day BETWEEN \(days.first) AND \(days.last)
        GROUP BY product_id ORDER BY \(SQL(sum: "gross")) DESC, product_id LIMIT 100
        """
    ) { (try $0["product_id"], try $0["units"], try $0["gross"]) }
    let products = try products(sums.map(\.product), in: tx, call.productContext)
    let names = Dictionary(uniqueKeysWithValues: products.map { ($0.id, $0.details.name) })
    let reports = sums.map {
        ProductReport(
            product: $0.product, name: names[$0.product] ?? "", units: $0.units, gross: $0.gross,
            currency: call.shop.currency)
    }
    return call.report(reports)
}
