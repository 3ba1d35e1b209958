public import Storage

/// The invariants of products and their stock.
public let invariants: [Invariant] = [
    Invariant(
        "A stored response of inventory refers to an existing product.",
        breaches: """
            SELECT 'the key of ' || location AS subject FROM idempotency_keys
            WHERE substr(location, 1, 11) = '/inventory/' AND NOT EXISTS (
                SELECT products.id FROM products
                WHERE products.id = CAST(rtrim(substr(location, 12), '/movements') AS \(.int64))
            )
            """),
    Invariant(
        "A product's stock is the sum of its movements.",
        sums: ["held - said"], of: "product_id",
        in: """
            SELECT id AS product_id, stock AS held, 0 AS said FROM products
            UNION ALL
            SELECT product_id, 0, delta FROM stock_movements
            """,
        subject: """
            'product ' || product_id || ' has ' || \(.sum)(held)
                || ', its movements say ' || \(.sum)(said)
            """),
    Invariant(
        "Each stock movement continues from the stock of the movement before.",
        breaches: """
            SELECT 'stock movement ' || id AS subject FROM (
                SELECT id, delta, stock_after,
                    \(.previous)('stock_movements', product_id, stock_after) AS stock_before
                FROM stock_movements ORDER BY id
            ) AS movement WHERE stock_before + delta <> stock_after
            """),
    Invariant(
        "A category's count is the number of its products on sale.",
        sums: ["products"], of: "name",
        in: """
            SELECT name, products FROM categories
            UNION ALL
            SELECT category, -1 FROM products WHERE archived_at IS NULL
            """,
        subject: "'category ' || name"),
    Invariant(
        "The search index contains the products on sale with their current texts.",
        sums: ["side"], of: "id, name, sku, description",
        in: """
            SELECT \(.document) AS id, name, sku, description, 1 AS side FROM product_search
            UNION ALL
            SELECT id, \(.words)(name), \(.words)(COALESCE(sku, '')),
                \(.words)(COALESCE(description, '')), -1 FROM products
            WHERE archived_at IS NULL
            """,
        subject: "'product ' || id"),
    Invariant(
        "A product's sort key matches its name.",
        breaches: """
            SELECT 'product ' || id AS subject FROM products WHERE name_key <> \(.sortKey)(name)
            """),
]
