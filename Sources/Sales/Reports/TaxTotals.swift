import Storage
import Values

/// Sums of taxes as rows of `day`, `country`, `region`, `rate`, `net`, `tax`, `refunded_net` and
/// `refunded_tax`.
///
/// The same key has several rows, to be added up.
let taxesByDay: SQL = """
    SELECT day, country, region, rate, net, tax, refunded_net, refunded_tax FROM taxes_by_day
    UNION ALL
    \(orderTaxes(of: isUncounted))
    """

private let destination: SQL = """
    COALESCE(orders.tax_country, '') AS country, COALESCE(orders.tax_region, '') AS region
    """

/// The taxes of the orders that meet a condition, as rows of `taxesByDay`.
func orderTaxes(of condition: SQL) -> SQL {
    """
    SELECT \(day(of: "orders.paid_at")) AS day, \(destination), line.tax_rate AS rate,
        \(amount(ofLine: "line.")) - line.tax AS net, line.tax AS tax, 0 AS refunded_net,
        0 AS refunded_tax
    FROM orders \(.orderedJoin) order_lines AS line
    WHERE \(condition) AND line.order_id = orders.id
    UNION ALL
    SELECT \(day(of: "orders.paid_at")), \(destination), orders.shipping_tax_rate,
        \(shippingAmount) - orders.shipping_tax, orders.shipping_tax, 0, 0
    FROM orders WHERE \(condition) AND orders.shipping > 0
    """
}

/// What is paid for shipping with its tax.
private let shippingAmount: SQL = """
    (orders.shipping + CASE WHEN orders.tax_included = 1 THEN 0 ELSE orders.shipping_tax END)
    """

/// The share of the units of a refund in an amount of their line, as `Money.part` computes it.
private func share(_ amount: SQL) -> SQL {
    func part(_ units: SQL) -> SQL {
        """
        (\(units) * (\(amount) / line.quantity) + \(units) * (\(amount) % line.quantity)
            / line.quantity)
        """
    }
    return """
        (\(part("(refund.units_before + refund.quantity)")) - \(part("refund.units_before")))
        """
}

private let refundedLine: SQL = share(amount(ofLine: "line."))

/// The taxes of all refunds, as rows of `taxesByDay`.
///
/// What a refund paid beyond its lines is shipping, or the lines of refunds that have no
/// `refund_lines`, which had no tax.
let refundTaxes: SQL = """
    SELECT \(day(of: "event.created_at")) AS day, \(destination), line.tax_rate AS rate, 0 AS net,
        0 AS tax, \(refundedLine) - \(share("line.tax")) AS refunded_net,
        \(share("line.tax")) AS refunded_tax
    FROM refund_lines AS refund
        JOIN order_lines AS line
            ON line.order_id = refund.order_id AND line.product_id = refund.product_id
        JOIN orders ON orders.id = refund.order_id
        JOIN order_events AS event ON event.id = refund.event_id
    WHERE event.amount > 0
    UNION ALL
    SELECT \(day(of: "rest.created_at")), \(destination), orders.shipping_tax_rate, 0, 0,
        CASE WHEN rest.amount = \(shippingAmount) THEN rest.amount - orders.shipping_tax
            ELSE rest.amount END,
        CASE WHEN rest.amount = \(shippingAmount) THEN orders.shipping_tax ELSE 0 END
    FROM (
        SELECT event.order_id, event.created_at, event.amount - COALESCE((
            SELECT \(SQL(sum: refundedLine))
            FROM refund_lines AS refund JOIN order_lines AS line
                ON line.order_id = refund.order_id AND line.product_id = refund.product_id
            WHERE refund.order_id = event.order_id AND refund.event_id = event.id
        ), 0) AS amount
        FROM order_events AS event
        WHERE event.amount > 0 AND (event.status = 'refunded' OR event.status = 'cancelled')
    ) AS rest JOIN orders ON orders.id = rest.order_id
    WHERE rest.amount > 0
    """

/// Adds the orders that meet a condition to the sums of taxes.
func addToTaxTotals(_ condition: SQL, in tx: any Transaction) throws {
    try add(orderTaxes(of: condition), in: tx)
}

/// Adds all refunds to the sums of taxes.
func addAllRefundsToTaxTotals(in tx: any Transaction) throws {
    try add(refundTaxes, in: tx)
}

/// Adds rows of `taxesByDay` in the order of their keys.
private func add(_ rows: SQL, in tx: any Transaction) throws {
    try tx.run(
        """
        INSERT INTO taxes_by_day (day, country, region, rate, net, tax, refunded_net, refunded_tax)
        SELECT day, country, region, rate, \(SQL(sum: "net")), \(SQL(sum: "tax")),
            \(SQL(sum: "refunded_net")), \(SQL(sum: "refunded_tax"))
        FROM (\(rows)) AS added
        GROUP BY day, country, region, rate ORDER BY day, country, region, rate
        ON CONFLICT (day, country, region, rate) DO UPDATE SET
            net = \(bounded("taxes_by_day.net", plus: "excluded.net")),
            tax = \(bounded("taxes_by_day.tax", plus: "excluded.tax")),
            refunded_net = \(bounded("taxes_by_day.refunded_net", plus: "excluded.refunded_net")),
            refunded_tax = \(bounded("taxes_by_day.refunded_tax", plus: "excluded.refunded_tax"))
        """)
}

/// The net amount and the tax of a refund, for one tax rate.
struct RefundedTax: Sendable {
    let rate: Int64
    var net = Money.zero
    var tax = Money.zero
}

extension Order {
    /// The taxes in a refund of these units and of this amount of shipping, by rate.
    func refundedTaxes(_ lines: [ReturnedLine], shipping: Money) -> [RefundedTax] {
        var taxes: [Int64: RefundedTax] = [:]
        func add(_ paid: Money, _ tax: Money, _ rate: Int64) {
            var sum = taxes[rate] ?? RefundedTax(rate: rate)
            sum.net = sum.net &+ paid &- tax
            sum.tax = sum.tax &+ tax
            taxes[rate] = sum
        }
        for returned in lines {
            let (line, before) = (returned.line, returned.line.refundedQuantity)
            let tax =
                line.tax.part(before + returned.quantity, of: line.quantity)
                &- line.tax.part(before, of: line.quantity)
            add(line.refund(of: returned.quantity), tax, line.taxRate.basisPoints)
        }
        if shipping > .zero { add(shipping, amounts.shippingTax, amounts.shippingTaxRate) }
        return taxes.values.sorted { $0.rate < $1.rate }
    }
}

/// Adds the taxes of a refund to the sums of its day.
func addRefundToTaxTotals(
    _ taxes: [RefundedTax], of order: Int64, on day: Day, in tx: any Transaction
) throws {
    for tax in taxes {
        try tx.run(
            """
            INSERT INTO taxes_by_day
                (day, country, region, rate, net, tax, refunded_net, refunded_tax)
            SELECT \(day), \(destination), \(tax.rate), 0, 0, \(tax.net), \(tax.tax)
            FROM orders WHERE id = \(order)
            ON CONFLICT (day, country, region, rate) DO UPDATE SET
                refunded_net =
                    \(bounded("taxes_by_day.refunded_net", plus: "excluded.refunded_net")),
                refunded_tax =
                    \(bounded("taxes_by_day.refunded_tax", plus: "excluded.refunded_tax"))
            """)
    }
}
