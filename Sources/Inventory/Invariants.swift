public import Service

/// What holds for products and their stock at any moment.
public let invariants: [Invariant] = [
    Invariant(
        "A product's stock is the sum of its movements.",
        breaches: """
            SELECT 'product ' || products.id || ' has ' || stock || ', its movements say '
                || COALESCE(SUM(movement.delta), 0) AS subject
            FROM products LEFT JOIN stock_movements AS movement ON movement.product_id = products.id
            GROUP BY products.id, stock HAVING stock <> COALESCE(SUM(movement.delta), 0)
            """),
    Invariant(
        "Each movement of stock goes on from the one before.",
        breaches: """
            SELECT 'stock movement ' || id AS subject FROM (
                SELECT id, delta, stock_after,
                    LAG(stock_after, 1, 0) OVER (PARTITION BY product_id ORDER BY id) AS stock_before
                FROM stock_movements
            ) AS movement WHERE stock_before + delta <> stock_after
            """),
]
