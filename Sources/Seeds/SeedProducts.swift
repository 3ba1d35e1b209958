import Inventory
public import Storage
public import Values

/// Creates `count` products whose names end in `number`, `number + 1` …, with `stock` units each.
///
/// - Returns: their ids, without a gap.
public func addSeedProducts(
    _ count: Int64, from number: Int64, stock: Int64, by actor: Int64, at now: Instant,
    in tx: any Transaction
) throws -> ClosedRange<Int64> {
    let first = try (tx.first("SELECT COALESCE(MAX(id), 0) AS id FROM products")?["id"] ?? 0) + 1
    let ids = first...(first + count - 1)
    try tx.run(
        """
        WITH RECURSIVE numbers (n) AS (
            SELECT \(number) UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < \(number + count)
        ),
        nouns (k, noun) AS (
            VALUES (0, 'pen'), (1, 'lamp'), (2, 'mug'), (3, 'rug'), (4, 'bowl'), (5, 'box'),
                (6, 'chair'), (7, 'scarf'), (8, 'clock'), (9, 'tray')
        ),
        manners (k, manner) AS (
            VALUES (0, 'brass'), (1, 'glass'), (2, 'oak'), (3, 'linen'), (4, 'copper'), (5, 'clay'),
                (6, 'wool'), (7, 'silver')
        )
        INSERT INTO products (id, name, name_key, category, price, stock, created_at, updated_at, description)
        SELECT \(first - number) + n, manner || ' ' || noun || ' ' || n,
            manner || ' ' || noun || ' ' || n || \("\u{1}") || manner || ' ' || noun || ' ' || n,
            noun || 's',
            100 + n * 7919 % 900, \(stock), \(now), \(now),
            'A ' || noun || ' of ' || manner || ', one of a kind except for its number, which is ' || n || '.'
        FROM numbers JOIN nouns ON nouns.k = n % 10 JOIN manners ON manners.k = n / 10 % 8
        """)
    try tx.numbered("products")
    try indexSeedProducts(ids, in: tx)
    try tx.run(
        """
        INSERT INTO stock_movements (product_id, delta, stock_after, kind, reason, actor_id, created_at)
        SELECT id, stock, stock, 'received', 'first stock', \(actor), created_at FROM products
        WHERE id BETWEEN \(ids.lowerBound) AND \(ids.upperBound) ORDER BY id
        """)
    return ids
}

/// Indexes synthetic products.
///
/// Their texts contain only a–z, digits, spaces and a few punctuation marks. Without the marks, a
/// text equals its words.
private func indexSeedProducts(_ ids: ClosedRange<Int64>, in tx: any Transaction) throws {
    try tx.run(
        """
        INSERT INTO product_search (\(.document), name, sku, description)
        SELECT id, name, '', replace(replace(lower(description), ',', ''), '.', '') FROM products
        WHERE id BETWEEN \(ids.lowerBound) AND \(ids.upperBound) ORDER BY id
        """)
    try tx.run(
        """
        INSERT INTO categories (name, products)
        SELECT category, COUNT(*) FROM products
        WHERE id BETWEEN \(ids.lowerBound) AND \(ids.upperBound) GROUP BY category
        ON CONFLICT (name) DO UPDATE SET products = categories.products + excluded.products
        """)
}

/// Takes the units of synthetic orders from stock.
///
/// - Parameters:
///   - lines: selects `order_id`, `product_id`, `quantity`, `customer_id` and `created_at`.
///   - tx: the transaction that creates the orders.
/// - Throws: `StoreError.constraint("products_stock")` if a product's stock is too small.
func takeSeedStock(for lines: SQL, in tx: any Transaction) throws {
    try tx.run(
        """
        INSERT INTO stock_movements (product_id, delta, stock_after, kind, order_id, actor_id, created_at)
        SELECT product_id, -quantity,
            products.stock - SUM(quantity) OVER (PARTITION BY product_id ORDER BY order_id),
            'sold', order_id, customer_id, line.created_at
        FROM (\(lines)) AS line JOIN products ON products.id = line.product_id
        """)
    try tx.run(
        """
        UPDATE products SET stock = stock - taken.quantity
        FROM (
            SELECT product_id, SUM(quantity) AS quantity FROM (\(lines)) AS line GROUP BY product_id
        ) AS taken
        WHERE products.id = taken.product_id
        """)
}
