import HTTP
public import Storage
import Values

// Daily totals, so that a report reads days and not orders.
//
// The courier adds a few hundred orders at a time. If each order updated the totals, it would write
// another page, and an eighth fewer orders would be completed. `uncounted_orders` is the queue of
// the orders that are not included. A report adds them.

/// How many orders are added together.
let ordersPerBatch = 512

/// The length of the queue from which on orders add to the totals themselves.
///
/// That happens without a courier, or if it has less time than the orders need.
let queuedOrdersMax = 8 * ordersPerBatch

/// How many orders pass until one of them looks at the length of the queue.
///
/// The look reads the queue. Ids may have gaps, so the queue may become longer before a look. A batch
/// is larger than this number and makes up for it.
private let ordersPerLook: Int64 = 256

/// Puts a new order into the queue, and adds a batch to the totals if the queue is long.
func updateSalesTotals(after order: Int64, in tx: any Transaction) throws {
    try tx.later("INSERT INTO uncounted_orders (order_id) VALUES (\(order))")
    guard order % ordersPerLook == 0, try isQueue(atLeast: queuedOrdersMax, in: tx) else { return }
    _ = try addBatchToTotals(in: tx)
}

/// Adds a batch to the totals, if the queue contains one.
///
/// - Returns: whether it did.
/// - Throws: `StoreError`.
public func updateSalesTotals(on store: some Store) throws -> Bool {
    guard try store.read({ try isQueue(atLeast: ordersPerBatch, in: $0) }) else { return false }
    return try store.write { try addBatchToTotals(in: $0) }
}

private func isQueue(atLeast length: Int, in tx: any Transaction) throws -> Bool {
    try tx.first(
        """
        SELECT order_id FROM uncounted_orders
        ORDER BY order_id LIMIT 1 OFFSET \(Int64(length - 1))
        """) != nil
}

/// Adds every order of the queue to the totals.
public func updateSalesTotals(in tx: any Transaction) throws {
    while try addBatchToTotals(in: tx) {}
}

/// Adds up to 512 orders of the queue to the totals.
///
/// It leaves out orders that another transaction is adding at the same time.
///
/// - Returns: whether the queue had orders.
private func addBatchToTotals(in tx: any Transaction) throws -> Bool {
    try holdReportZone(in: tx)
    let orders: [Int64] = try tx.all(
        """
        SELECT order_id FROM uncounted_orders
        ORDER BY order_id LIMIT \(Int64(ordersPerBatch)) \(.skipping)
        """
    ) { try $0["order_id"] }
    guard !orders.isEmpty else { return false }
    let batch = orders.list(filledTo: ordersPerBatch)
    try addToTotals("orders.id IN \(batch)", in: tx)
    try tx.run("DELETE FROM uncounted_orders WHERE order_id IN \(batch)")
    return true
}

/// Adds the orders that meet a condition to the totals.
///
/// Rows are written in the order of their keys, so that two transactions cannot deadlock.
public func addToTotals(_ condition: SQL, in tx: any Transaction) throws {
    try tx.run(
        """
        INSERT INTO sales_by_day (day, orders, units, gross, refunded, discount, shipping, tax)
        SELECT day, \(SQL(sum: "orders")), \(SQL(sum: "units")), \(SQL(sum: "gross")), 0,
            \(SQL(sum: "discount")), \(SQL(sum: "shipping")), \(SQL(sum: "tax"))
        FROM (\(days(of: condition))) AS uncounted GROUP BY day ORDER BY day
        ON CONFLICT (day) DO UPDATE SET orders = sales_by_day.orders + excluded.orders,
            units = sales_by_day.units + excluded.units,
            gross = \(bounded("sales_by_day.gross", plus: "excluded.gross")),
            discount = \(bounded("sales_by_day.discount", plus: "excluded.discount")),
            shipping = \(bounded("sales_by_day.shipping", plus: "excluded.shipping")),
            tax = \(bounded("sales_by_day.tax", plus: "excluded.tax"))
        """)
    try tx.run(
        """
        INSERT INTO sales_by_day_and_product (day, product_id, units, gross)
        SELECT day, product_id, \(SQL(sum: "units")), \(SQL(sum: "gross"))
        FROM (\(productDays(of: condition))) AS uncounted
        GROUP BY day, product_id ORDER BY day, product_id
        ON CONFLICT (day, product_id) DO UPDATE SET
            units = sales_by_day_and_product.units + excluded.units,
            gross = \(bounded("sales_by_day_and_product.gross", plus: "excluded.gross"))
        """)
    try addToMethodTotals(condition, in: tx)
    try addToTaxTotals(condition, in: tx)
}

/// The sum of two columns, each at least 0, limited to 2^63 - 1.
///
/// `refuseOverflow` keeps the daily totals far below that limit. The limit matters only for a
/// database whose totals were edited by hand: `souk check` reports them, and orders are still
/// accepted.
func bounded(_ sum: SQL, plus part: SQL) -> SQL {
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
func addRefundToTotals(
    _ amount: Money, _ taxes: [RefundedTax], of order: Int64, at now: Instant,
    in tx: any Transaction
) throws {
    try holdReportZone(in: tx)
    try refuseOverflow(amount, at: now, in: tx)
    let day = try day(of: now, in: tx)
    try tx.run(
        """
        INSERT INTO sales_by_day (day, orders, units, gross, refunded)
        VALUES (\(day), 0, 0, 0, \(amount))
        ON CONFLICT (day) DO UPDATE SET
            refunded = \(bounded("sales_by_day.refunded", plus: "excluded.refunded"))
        """)
    guard amount > .zero else { return }
    try addRefundToMethodTotals(amount, of: order, on: day, in: tx)
    try addRefundToTaxTotals(taxes, of: order, on: day, in: tx)
}

/// Daily totals as rows of `day`, `orders`, `units`, `gross`, `refunded`, `discount`, `shipping` and
/// `tax`.
///
/// A day has several rows, to be added up.
let salesByDay: SQL = """
    SELECT day, orders, units, gross, refunded, discount, shipping, tax FROM sales_by_day
    UNION ALL
    \(days(of: isUncounted))
    """

/// Daily totals of products as rows of `day`, `product_id`, `units` and `gross`.
///
/// A pair of day and product has several rows, to be added up.
let salesByDayAndProduct: SQL = """
    SELECT day, product_id, units, gross FROM sales_by_day_and_product
    UNION ALL
    \(productDays(of: isUncounted))
    """

let isUncounted: SQL = "orders.id IN (SELECT order_id FROM uncounted_orders)"

/// The rows of `salesByDay` for the orders that meet a condition.
private func days(of condition: SQL) -> SQL {
    """
    SELECT \(day(of: "orders.paid_at")) AS day, 1 AS orders,
        (SELECT COALESCE(\(SQL(sum: "quantity")), 0) FROM order_lines WHERE order_id = orders.id)
            AS units, total AS gross, 0 AS refunded, discount, shipping, tax
    FROM orders WHERE \(condition)
    """
}

/// The rows of `salesByDayAndProduct` for the orders that meet a condition.
private func productDays(of condition: SQL) -> SQL {
    """
    SELECT \(day(of: "orders.paid_at")) AS day, line.product_id, line.quantity AS units,
        \(amount(ofLine: "line.")) AS gross
    FROM orders \(.orderedJoin) order_lines AS line
    WHERE \(condition) AND line.order_id = orders.id
    """
}
