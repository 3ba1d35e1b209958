public import Service

/// What holds for products and their stock at any moment.
public let invariants: [Invariant] = [
    Invariant(
        "The answer that an idempotency key repeats is of a product that is there.",
        breaches: """
            SELECT 'the key of ' || location AS subject FROM idempotency_keys
            WHERE substr(location, 1, 11) = '/inventory/' AND NOT EXISTS (
                SELECT products.id FROM products
                WHERE products.id = CAST(rtrim(substr(location, 12), '/movements') AS BIGINT)
            )
            """),
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
    Invariant(
        "A category counts its products on sale.",
        breaches: """
            SELECT 'category ' || name AS subject FROM (
                SELECT name, products FROM categories
                UNION ALL
                SELECT category, -1 FROM products WHERE archived_at IS NULL
            ) AS entry GROUP BY name HAVING SUM(products) <> 0
            """),
    Invariant(
        "The search knows the products on sale, each as it is.",
        breaches: """
            SELECT DISTINCT 'product ' || id AS subject FROM (
                SELECT \(.document) AS id, name, sku, description, 1 AS side FROM product_search
                UNION ALL
                SELECT id, name, COALESCE(sku, ''), COALESCE(description, ''), -1 FROM products
                WHERE archived_at IS NULL
            ) AS entry GROUP BY id, name, sku, description HAVING SUM(side) <> 0
            """),
]
