import HTTP
import Service
import Storage
import Values

/// The orders of a day, and the refunds made on that day, whenever their orders were placed.
struct DailyReport: JSONWritable {
    let day: Day
    let orders: Int64
    let units: Int64
    let gross: Money
    let discount: Money
    let shipping: Money
    let tax: Money
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
            $0.field("discount", discount)
            $0.field("shipping", shipping)
            $0.field("tax", tax)
            $0.field("refunded", refunded)
            $0.field("net", net)
            $0.field("currency", currency)
        }
    }
}

@Sendable func getDailySales(_ range: ReportRange, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let days = range.days(today: try day(of: call.now, in: tx))
    let reports = try tx.all(
        """
        SELECT day, \(SQL(sum: "orders")) AS orders, \(SQL(sum: "units")) AS units, \(SQL(sum: "gross")) AS gross,
            \(SQL(sum: "discount")) AS discount, \(SQL(sum: "shipping")) AS shipping, \(SQL(sum: "tax")) AS tax,
            \(SQL(sum: "refunded")) AS refunded
        FROM (\(salesByDay)) AS sales
        WHERE day BETWEEN \(days.first) AND \(days.last) GROUP BY day ORDER BY day
        """
    ) { row in
        DailyReport(
            day: try row["day"], orders: try row["orders"], units: try row["units"],
            gross: try row["gross"], discount: try row["discount"],
            shipping: try row["shipping"], tax: try row["tax"], refunded: try row["refunded"],
            currency: call.shop.currency)
    }
    return .ok(Listing(reports))
}
