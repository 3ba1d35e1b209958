import Storage
import Values

// The method of an order is final once it is paid, which is when it is counted.

/// Sums of payment methods as rows of `day`, `method`, `orders`, `gross` and `refunded`.
///
/// A pair of day and method has several rows, to be added up.
let salesByDayAndMethod: SQL = """
    SELECT day, method, orders, gross, refunded FROM sales_by_day_and_method
    UNION ALL
    \(methodDays(of: isUncounted))
    """

/// The rows of `salesByDayAndMethod` for the orders that meet a condition.
private func methodDays(of condition: SQL) -> SQL {
    """
    SELECT \(day(of: "orders.paid_at")) AS day, payment_method AS method, 1 AS orders,
        total AS gross, 0 AS refunded
    FROM orders WHERE \(condition)
    """
}

/// Adds the orders that meet a condition to the sums of their payment methods.
func addToMethodTotals(_ condition: SQL, in tx: any Transaction) throws {
    try tx.run(
        """
        INSERT INTO sales_by_day_and_method (day, method, orders, gross, refunded)
        SELECT day, method, \(SQL(sum: "orders")), \(SQL(sum: "gross")), 0
        FROM (\(methodDays(of: condition))) AS uncounted GROUP BY day, method ORDER BY day, method
        ON CONFLICT (day, method) DO UPDATE SET
            orders = sales_by_day_and_method.orders + excluded.orders,
            gross = \(bounded("sales_by_day_and_method.gross", plus: "excluded.gross"))
        """)
}

/// Adds a refund to the sums of the payment method of its order.
func addRefundToMethodTotals(
    _ amount: Money, of order: Int64, on day: Day, in tx: any Transaction
) throws {
    try tx.run(
        """
        INSERT INTO sales_by_day_and_method (day, method, orders, gross, refunded)
        SELECT \(day), payment_method, 0, 0, \(amount) FROM orders WHERE id = \(order)
        ON CONFLICT (day, method) DO UPDATE SET
            refunded = \(bounded("sales_by_day_and_method.refunded", plus: "excluded.refunded"))
        """)
}

/// Adds all refunds to sums that contain none.
func addAllRefundsToMethodTotals(in tx: any Transaction) throws {
    try tx.run(
        """
        INSERT INTO sales_by_day_and_method (day, method, orders, gross, refunded)
        SELECT day, method, 0, 0, \(SQL(sum: "refunded"))
        FROM (\(methodRefunds)) AS refund
        WHERE refunded > 0 GROUP BY day, method ORDER BY day, method
        ON CONFLICT (day, method) DO UPDATE SET refunded = excluded.refunded
        """)
}

/// All refunds as rows of `salesByDayAndMethod`.
let methodRefunds: SQL = """
    SELECT \(day(of: "event.created_at")) AS day, orders.payment_method AS method, 0 AS orders,
        0 AS gross, event.amount AS refunded
    FROM order_events AS event \(.orderedJoin) orders
    WHERE orders.id = event.order_id AND (event.status = 'refunded' OR event.status = 'cancelled')
    """
