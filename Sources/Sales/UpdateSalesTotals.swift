import HTTP
public import Storage
import Values

// Daily totals, so that a report reads days and not orders.
//
// A few hundred orders are added at a time. If each order updated the totals, it would write
// another page, and an eighth fewer orders would be completed. `counted_orders` names the last
// order that is included. A report adds the later ones first.

/// How many orders are added together.
private let ordersPerCount: Int64 = 512

/// Adds the waiting orders to the totals, if `order` completes a batch.
func updateSalesTotals(after order: Int64, in tx: any Transaction) throws {
    if order % ordersPerCount == 0 { try updateSalesTotals(in: tx) }
}

/// Adds every order that the daily totals do not include yet.
public func updateSalesTotals(in tx: any Transaction) throws {
    try tx.run(
        """
        INSERT INTO sales_by_day (day, orders, units, gross, refunded)
        SELECT day, \(SQL(sum: "orders")), \(SQL(sum: "units")), \(SQL(sum: "gross")), 0
        FROM (\(uncounted)) AS uncounted GROUP BY day
        ON CONFLICT (day) DO UPDATE SET orders = sales_by_day.orders + excluded.orders,
            units = sales_by_day.units + excluded.units,
            gross = \(bounded("sales_by_day.gross", plus: "excluded.gross"))
        """)
    try tx.run(
        """
        INSERT INTO sales_by_day_and_product (day, product_id, units, gross)
        SELECT day, product_id, \(SQL(sum: "units")), \(SQL(sum: "gross"))
        FROM (\(uncountedLines)) AS uncounted GROUP BY day, product_id
        ON CONFLICT (day, product_id) DO UPDATE SET
            units = sales_by_day_and_product.units + excluded.units,
            gross = \(bounded("sales_by_day_and_product.gross", plus: "excluded.gross"))
        """)
    try tx.run("UPDATE counted_orders SET last_id = (SELECT COALESCE(MAX(id), 0) FROM orders)")
}

/// The sum of two columns, each at least 0, limited to 2^63 - 1.
///
/// `refuseOverflow` keeps the daily totals far below that limit. The limit matters only for a
/// database whose totals were edited by hand: `souk check` reports them, and orders are still
/// accepted.
private func bounded(_ sum: SQL, plus part: SQL) -> SQL {
    """
    CASE WHEN \(sum) > 9223372036854775807 - \(part) THEN 9223372036854775807
        ELSE \(sum) + \(part) END
    """
}

/// Rejects an order or a refund that could make the totals of its day overflow.
///
/// Amounts up to 10^9 are not checked. The range above `dayMax` is half of 2^63 and has room for
/// 10^9 such orders, more than a shop can process in a day.
///
/// - Throws: `Problem` 409 `day_full`.
func refuseOverflow(_ amount: Money, at now: Instant, in tx: any Transaction) throws {
    guard amount.minorUnits > 1_000_000_000 else { return }
    let day = try day(of: now, in: tx)
    guard let sums = try tx.first("SELECT gross, refunded FROM sales_by_day WHERE day = \(day)")
    else { return }
    let dayMax = Money(minorUnits: 4_000_000_000_000_000_000)
    guard try sums["gross"] < dayMax, try sums["refunded"] < dayMax else {
        throw Problem.conflict(
            "day_full", "The sums of this day have reached their limit. Retry tomorrow.")
    }
}

/// Adds a refund to the totals of the day on which it was made.
///
/// - Throws: `Problem` 409 `day_full`.
func addRefundToTotals(_ amount: Money, at now: Instant, in tx: any Transaction) throws {
    try refuseOverflow(amount, at: now, in: tx)
    let day = try day(of: now, in: tx)
    try tx.run(
        """
        INSERT INTO sales_by_day (day, orders, units, gross, refunded)
        VALUES (\(day), 0, 0, 0, \(amount))
        ON CONFLICT (day) DO UPDATE SET
            refunded = \(bounded("sales_by_day.refunded", plus: "excluded.refunded"))
        """)
}

/// Daily totals as rows of `day`, `orders`, `units`, `gross` and `refunded`.
///
/// A day has several rows, to be added up.
let salesByDay: SQL = """
    SELECT day, orders, units, gross, refunded FROM sales_by_day
    UNION ALL
    \(uncounted)
    """

/// Daily totals of products as rows of `day`, `product_id`, `units` and `gross`.
///
/// A pair of day and product has several rows, to be added up.
let salesByDayAndProduct: SQL = """
    SELECT day, product_id, units, gross FROM sales_by_day_and_product
    UNION ALL
    \(uncountedLines)
    """

private let uncounted: SQL = """
    SELECT \(day(of: "created_at")) AS day, 1 AS orders, 0 AS units, total AS gross, 0 AS refunded
    FROM orders WHERE id > (SELECT last_id FROM counted_orders)
    UNION ALL
    SELECT day, 0, units, 0, 0 FROM (\(uncountedLines)) AS lines
    """

private let uncountedLines: SQL = """
    SELECT \(day(of: "orders.created_at")) AS day, line.product_id, line.quantity AS units,
        line.quantity * line.unit_price AS gross
    FROM order_lines AS line \(.orderedJoin) orders
    WHERE line.order_id > (SELECT last_id FROM counted_orders) AND orders.id = line.order_id
    """
