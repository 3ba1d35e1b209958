import Inventory
import Storage

/// Adds an order to the sums of its day.
func countSale(of taken: [TakenStock], total: Money, on day: Day, in tx: any Transaction) throws {
    let units = taken.reduce(0 as Int64) { $0 + $1.quantity }
    try tx.run(
        """
        INSERT INTO sales_by_day (day, orders, units, gross, refunded)
        VALUES (\(day), 1, \(units), \(total), 0)
        ON CONFLICT (day) DO UPDATE SET orders = sales_by_day.orders + 1,
            units = sales_by_day.units + excluded.units, gross = sales_by_day.gross + excluded.gross
        """)
    for line in taken {
        try tx.run(
            """
            INSERT INTO sales_by_day_and_product (day, product_id, units, gross)
            VALUES (\(day), \(line.product), \(line.quantity), \(line.unitPrice.times(line.quantity).stored))
            ON CONFLICT (day, product_id) DO UPDATE SET
                units = sales_by_day_and_product.units + excluded.units,
                gross = sales_by_day_and_product.gross + excluded.gross
            """)
    }
}

/// Adds what was given back to the sums of the day on which it was.
func countRefund(_ amount: Money, on day: Day, in tx: any Transaction) throws {
    try tx.run(
        """
        INSERT INTO sales_by_day (day, orders, units, gross, refunded)
        VALUES (\(day), 0, 0, 0, \(amount))
        ON CONFLICT (day) DO UPDATE SET refunded = sales_by_day.refunded + excluded.refunded
        """)
}
