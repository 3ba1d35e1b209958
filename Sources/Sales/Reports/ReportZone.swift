public import Storage
public import Values

// The offsets of the shop's time zone are rows, so that SQL computes the day of an order. Totals
// are kept for each day. Totals for each quarter hour would suit every zone, but make up to 96 rows
// of one. A changed zone is rare and costs one pass over the orders.

/// Returns the day of the column `instant` in the shop's time zone.
func day(of instant: SQL) -> SQL {
    """
    (\(instant) + (SELECT utc_offset FROM report_offsets WHERE since <= \(instant)
        ORDER BY since DESC LIMIT 1)) / 86400000
    """
}

/// Returns the day of `instant` in the shop's time zone.
func day(of instant: Instant, in tx: any Transaction) throws -> Day {
    let row = try tx.first(
        """
        SELECT utc_offset FROM report_offsets WHERE since <= \(instant)
        ORDER BY since DESC LIMIT 1
        """)
    let offset: Int64 = try row?["utc_offset"] ?? 0
    return Day(of: Instant(milliseconds: instant.milliseconds + offset))
}

/// Returns the name of the time zone of the reports.
public func reportZone(in tx: any Transaction) throws -> String {
    try tx.first("SELECT name FROM report_zone")?["name"] ?? ZoneRules.utc.name
}

/// Keeps the time zone of the daily totals from changing until the transaction ends.
///
/// Each transaction that adds to the totals calls this before it computes a day.
func holdReportZone(in tx: any Transaction) throws {
    _ = try tx.first("SELECT name FROM report_zone \(.held("report_zone"))")
}

/// Recomputes the daily totals for `zone`, unless the reports already use it.
///
/// It reads every order if the zone or its offsets have changed.
///
/// - Returns: whether they have changed.
@discardableResult
public func setReportZone(_ zone: ZoneRules, in tx: any Transaction) throws -> Bool {
    // From here on, no other transaction adds to the totals.
    let row = try tx.first("SELECT name FROM report_zone \(.alone("report_zone"))")
    let name: String? = try row?["name"]
    let offsets = zone.offsets.map {
        (since: $0.since.millisecondsOfSeconds, offset: $0.seconds * 1000)
    }
    let before: [(since: Int64, offset: Int64)] = try tx.all(
        "SELECT since, utc_offset FROM report_offsets ORDER BY since"
    ) { (try $0["since"], try $0["utc_offset"]) }
    let isSame = before.elementsEqual(offsets) { $0 == $1 }
    if isSame, name == zone.name { return false }
    try tx.run("UPDATE report_zone SET name = \(zone.name)")
    // Without a name, a migration has added sums that contain nothing yet.
    guard !isSame || name?.isEmpty != false else { return true }
    try tx.run("DELETE FROM report_offsets")
    for offset in offsets {
        try tx.run(
            """
            INSERT INTO report_offsets (since, utc_offset)
            VALUES (\(offset.since), \(offset.offset))
            """)
    }
    try sumAgain(in: tx)
    return true
}

private func sumAgain(in tx: any Transaction) throws {
    try tx.run("DELETE FROM sales_by_day")
    try tx.run("DELETE FROM sales_by_day_and_product")
    try tx.run("DELETE FROM sales_by_day_and_method")
    try tx.run("DELETE FROM taxes_by_day")
    try addToTotals(
        """
        orders.paid_at IS NOT NULL
            AND NOT EXISTS (SELECT order_id FROM uncounted_orders WHERE order_id = orders.id)
        """, in: tx)
    try tx.run(
        """
        INSERT INTO sales_by_day (day, orders, units, gross, refunded)
        SELECT refund.day, 0, 0, 0, \(SQL(sum: "refund.amount"))
        FROM (
            SELECT \(day(of: "created_at")) AS day, amount FROM order_events
            WHERE status = 'refunded' OR status = 'cancelled'
        ) AS refund
        WHERE refund.amount > 0 GROUP BY refund.day
        ON CONFLICT (day) DO UPDATE SET refunded = excluded.refunded
        """)
    try addAllRefundsToMethodTotals(in: tx)
    try addAllRefundsToTaxTotals(in: tx)
}

extension Int64 {
    /// Seconds as milliseconds; the first offset of a zone begins before every order.
    fileprivate var millisecondsOfSeconds: Int64 {
        self == .min ? -.max : self * 1000
    }
}
