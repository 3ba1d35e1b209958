import Sales
public import Storage
public import Values

/// Orders of a synthetic shop: one to three lines with one unit each.
///
/// They are spread evenly over customers, products and the year before `end`.
public struct SeedOrders: Sendable {
    let count: Int64
    let buyers: ClosedRange<Int64>
    let goods: ClosedRange<Int64>
    let end: Instant
    let currency: String

    /// Describes `count` orders by customers, and of products, with these ids.
    public init(
        _ count: Int64, by buyers: ClosedRange<Int64>, of goods: ClosedRange<Int64>,
        until end: Instant, currency: String
    ) {
        self.count = count
        self.buyers = buyers
        self.goods = goods
        self.end = end
        self.currency = currency
    }

    /// Creates the orders with these numbers, counted from 0.
    ///
    /// - Throws: `StoreError.constraint` if a wallet or a product's stock is too small.
    public func add(_ numbers: Range<Int64>, in tx: any Transaction) throws {
        let last: Int64 = try tx.first("SELECT COALESCE(MAX(id), 0) AS id FROM orders")?["id"] ?? 0
        let first = last + 1
        try addOrders(numbers, firstID: first, in: tx)
        try addLines(numbers, firstID: first, in: tx)
        let added: SQL = "orders.id BETWEEN \(first) AND \(last + Int64(numbers.count))"
        try debitSeedWallets(
            for: """
                SELECT id AS order_id, customer_id, total AS amount, created_at FROM orders WHERE \(added)
                """, in: tx)
        try takeSeedStock(
            for: """
                SELECT line.order_id, line.product_id, line.quantity, orders.customer_id, orders.created_at
                FROM orders JOIN order_lines AS line ON line.order_id = orders.id WHERE \(added)
                """, in: tx)
        try addToTotals(added, in: tx)
    }

    private func addOrders(_ numbers: Range<Int64>, firstID: Int64, in tx: any Transaction) throws {
        try tx.run(
            """
            \(counted(numbers))
            INSERT INTO orders (id, customer_id, status, payment_status, subtotal, total, currency,
                paid_at, created_at)
            SELECT id, customer_id, 'paid', 'paid', cost, cost, \(currency), created_at, created_at
            FROM (
                SELECT \(firstID - numbers.lowerBound) + n AS id,
                    \(buyers.lowerBound) + n % \(Int64(buyers.count)) AS customer_id,
                    \(price(0)) + CASE WHEN \(lines) > 1 THEN \(price(1)) ELSE 0 END
                        + CASE WHEN \(lines) > 2 THEN \(price(2)) ELSE 0 END AS cost,
                    \(end.adding(seconds: -Self.span)) + n * \(Self.span * 1000) / \(count)
                        AS created_at
                FROM numbers
            ) AS seeded
            """)
        try tx.numbered("orders")
    }

    private func addLines(_ numbers: Range<Int64>, firstID: Int64, in tx: any Transaction) throws {
        try tx.run(
            """
            \(counted(numbers)),
            places (place) AS (VALUES (0), (1), (2))
            INSERT INTO order_lines (order_id, product_id, name, unit_price, quantity)
            SELECT \(firstID - numbers.lowerBound) + n, products.id, products.name, products.price, 1
            FROM numbers CROSS JOIN places CROSS JOIN products
            WHERE place < \(lines) AND products.id = \(product("place"))
            """)
    }
}

extension SeedOrders {
    /// A year, in seconds.
    private static let span: Int64 = 365 * 86_400

    private func counted(_ numbers: Range<Int64>) -> SQL {
        """
        WITH RECURSIVE numbers (n) AS (
            SELECT \(numbers.lowerBound)
            UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < \(numbers.upperBound)
        )
        """
    }

    /// The number of lines of order `n`: one to three, and at most the number of products.
    private var lines: SQL { "(1 + n % \(min(3, Int64(goods.count))))" }

    /// The product of line `place` of order `n`.
    ///
    /// The lines of an order have neighbouring products, so no product occurs twice.
    private func product(_ place: SQL) -> SQL {
        "\(goods.lowerBound) + (n * 7 + \(place)) % \(Int64(goods.count))"
    }

    private func price(_ place: Int64) -> SQL {
        "(SELECT price FROM products WHERE id = \(product("\(place)")))"
    }
}
