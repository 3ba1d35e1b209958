import HTTP
import Inventory
import Service
import Storage
import Values

/// The parameters of a report: its first and last day in the shop's time zone.
///
/// By default a report shows the last thirty days.
struct ReportRange: Input {
    let from: Day?
    let to: Day?

    init(_ fields: inout Fields) {
        from = fields.optional("from", .day)
        to = fields.optional("to", .day)
        if let from, let to, from > to { fields.fault("from", "must not be after to") }
    }

    /// Returns the first and the last day of a report that is requested on `today`.
    func days(today: Day) -> (first: Day, last: Day) {
        let last = to ?? max(today, from ?? today)
        return (from ?? last.adding(days: -29), last)
    }
}

/// The orders of a day, and the refunds made on that day, whenever their orders were placed.
struct DailyReport: JSONWritable {
    let day: Day
    let orders: Int64
    let units: Int64
    let gross: Money
    let refunded: Money
    let currency: String

    /// The gross amount minus the refunds.
    ///
    /// It does not use `adding`, because the amount of a day may exceed `Money.max`, the limit of
    /// one order. Both amounts are at least 0, so their difference fits. `souk check` finds a total
    /// that is not.
    var net: Money { Money(minorUnits: gross.minorUnits &- refunded.minorUnits) }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("day", day)
            $0.field("orders", orders)
            $0.field("units", units)
            $0.field("gross", gross)
            $0.field("refunded", refunded)
            $0.field("net", net)
            $0.field("currency", currency)
        }
    }
}

@Sendable func reportDailySales(_ range: ReportRange, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let days = range.days(today: try day(of: call.now, in: tx))
    let reports = try tx.all(
        """
        SELECT day, \(.sum)(orders) AS orders, \(.sum)(units) AS units, \(.sum)(gross) AS gross,
            \(.sum)(refunded) AS refunded
        FROM (\(salesByDay)) AS sales
        WHERE day BETWEEN \(days.first) AND \(days.last) GROUP BY day ORDER BY day
        """
    ) { row in
        DailyReport(
            day: try row["day"], orders: try row["orders"], units: try row["units"],
            gross: try row["gross"], refunded: try row["refunded"], currency: call.shop.currency)
    }
    return .ok(Listing(reports))
}

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

/// The hundred products with the highest amounts, with their current names.
@Sendable func reportTopProducts(_ range: ReportRange, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let days = range.days(today: try day(of: call.now, in: tx))
    let sums: [(product: Int64, units: Int64, gross: Money)] = try tx.all(
        """
        SELECT product_id, \(.sum)(units) AS units, \(.sum)(gross) AS gross
        FROM (\(salesByDayAndProduct)) AS sales
        WHERE day BETWEEN \(days.first) AND \(days.last)
        GROUP BY product_id ORDER BY \(.sum)(gross) DESC, product_id LIMIT 100
        """
    ) { (try $0["product_id"], try $0["units"], try $0["gross"]) }
    let products = try products(sums.map(\.product), in: tx, call.productContext)
    let names = Dictionary(uniqueKeysWithValues: products.map { ($0.id, $0.details.name) })
    let reports = sums.map {
        ProductReport(
            product: $0.product, name: names[$0.product] ?? "", units: $0.units, gross: $0.gross,
            currency: call.shop.currency)
    }
    return .ok(Listing(reports))
}
