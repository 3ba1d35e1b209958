public import Storage
import Words

/// The invariants of products and their stock.
public let invariants: [Invariant] = [
    Invariant(
        "A stored response of inventory refers to an existing product.",
        breaches: """
            SELECT 'the key of ' || location AS subject FROM idempotency_keys
            WHERE substr(location, 1, 11) = '/inventory/' AND NOT EXISTS (
                SELECT products.id FROM products
                WHERE products.id = \(SQL(number: "rtrim(substr(location, 12), '/movements')"))
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
            'product ' || product_id || ' has ' || \(SQL(sum: "held"))
                || ', its movements say ' || \(SQL(sum: "said"))
            """),
    Invariant(
        "Each stock movement continues from the stock of the movement before.",
        breaches: """
            SELECT 'stock movement ' || id AS subject FROM (
                SELECT id, delta, stock_after,
                    \(.previous("stock_movements", key: "product_id", value: "stock_after"))
                        AS stock_before
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
        rows: """
            SELECT products.id AS id, products.name AS name, products.sku AS sku,
                products.description AS description, product_search.name AS name_words,
                product_search.sku AS sku_words, product_search.description AS description_words
            FROM products LEFT JOIN product_search ON product_search.\(.document) = products.id
            WHERE archived_at IS NULL
            UNION ALL
            SELECT \(.document), NULL, NULL, NULL, NULL, NULL, NULL FROM product_search
            WHERE NOT EXISTS (
                SELECT id FROM products
                WHERE products.id = product_search.\(.document) AND archived_at IS NULL
            )
            """
    ) { row in
        let texts = ["name", "sku", "description"]
        let isSame =
            try row["name"] as String? != nil
            && texts.allSatisfy {
                try searchWords(row[$0] ?? "") == row["\($0)_words"] as String?
            }
        return isSame ? nil : "product \(try row["id"] as Int64)"
    },
    Invariant(
        "A product's sort key matches its name.",
        rows: "SELECT id, name, name_key FROM products"
    ) { row in
        try sortKey(row["name"]) == row["name_key"] ? nil : "product \(try row["id"] as Int64)"
    },
]
