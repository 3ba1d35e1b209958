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
    let methods: [MethodReport]
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
            $0.field("by_method", methods)
            $0.field("currency", currency)
        }
    }
}

/// The orders of a day that were paid by one method, and the refunds of such orders on that day.
struct MethodReport: JSONWritable {
    let method: String
    let orders: Int64
    let gross: Money
    let refunded: Money

    var net: Money { Money(minorUnits: gross.minorUnits &- refunded.minorUnits) }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("method", method)
            $0.field("orders", orders)
            $0.field("gross", gross)
            $0.field("refunded", refunded)
            $0.field("net", net)
        }
    }
}

@Sendable func getDailySales(_ range: ReportRange, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let days = range.days(today: try day(of: call.now, in: tx))
    let methods = try methodReports(days, in: tx)
    let reports = try tx.all(
        """
        SELECT day, \(SQL(sum: "orders")) AS orders, \(SQL(sum: "units")) AS units, \(SQL(sum: "gross")) AS gross,
            \(SQL(sum: "discount")) AS discount, \(SQL(sum: "shipping")) AS shipping, \(SQL(sum: "tax")) AS tax,
            \(SQL(sum: "refunded")) AS refunded
        FROM (\(salesByDay)) AS sales
        WHERE day BETWEEN \(days.first) AND \(days.last) GROUP BY day ORDER BY day
        """
    ) { row in
        let day: Day = try row["day"]
        return DailyReport(
            day: day, orders: try row["orders"], units: try row["units"],
            gross: try row["gross"], discount: try row["discount"],
            shipping: try row["shipping"], tax: try row["tax"], refunded: try row["refunded"],
            methods: methods[day, default: []], currency: call.shop.currency)
    }
    let names = Set(reports.flatMap { $0.methods.map(\.method) }).sorted()
    return call.report(
        reports, columns: DailyReport.columns(for: names), cells: { $0.cells(for: names) })
}

/// The sums of each payment method by day.
private func methodReports(_ days: (first: Day, last: Day), in tx: any Transaction) throws -> [Day:
    [MethodReport]]
{
    let rows: [(day: Day, report: MethodReport)] = try tx.all(
        """
        SELECT day, method, \(SQL(sum: "orders")) AS orders, \(SQL(sum: "gross")) AS gross,
            \(SQL(sum: "refunded")) AS refunded
        FROM (\(salesByDayAndMethod)) AS sales
        WHERE day BETWEEN \(days.first) AND \(days.last)
        GROUP BY day, method ORDER BY day, method
        """
    ) { row in
        (
            try row["day"],
            MethodReport(
                method: try row["method"], orders: try row["orders"], gross: try row["gross"],
                refunded: try row["refunded"])
        )
    }
    return Dictionary(grouping: rows, by: \.day).mapValues { $0.map(\.report) }
}

extension DailyReport {
    /// The columns as CSV, with four for each payment method of the period.
    fileprivate static func columns(for methods: [String]) -> [String] {
        [
            "day", "orders", "units", "gross", "discount", "shipping", "tax", "refunded", "net",
            "currency",
        ]
            + methods.flatMap { name in
                ["orders", "gross", "refunded", "net"].map { "\(name)_\($0)" }
            }
    }

    fileprivate func cells(for names: [String]) -> [CSVCell] {
        let own: [CSVCell] = [
            .text(day.text), .number(orders), .number(units), .amount(gross), .amount(discount),
            .amount(shipping), .amount(tax), .amount(refunded), .amount(net), .text(currency),
        ]
        return own
            + names.flatMap { name -> [CSVCell] in
                let sums = methods.first { $0.method == name }
                return [
                    .number(sums?.orders ?? 0), .amount(sums?.gross ?? .zero),
                    .amount(sums?.refunded ?? .zero), .amount(sums?.net ?? .zero),
                ]
            }
    }
}
