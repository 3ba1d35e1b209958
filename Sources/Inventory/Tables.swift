public import Storage

/// The tables of products and their stock, oldest first.
///
/// No other slice writes them.
public let tables: [Migration] = [
    Migration(
        "inventory/1 products and stock movements",
        [
            """
            CREATE TABLE products (
                id \(.identity),
                sku TEXT UNIQUE,
                name TEXT NOT NULL,
                category TEXT NOT NULL,
                price BIGINT NOT NULL CONSTRAINT products_price CHECK (price BETWEEN 0 AND 100000000000),
                stock BIGINT NOT NULL CONSTRAINT products_stock CHECK (stock BETWEEN 0 AND 1000000000),
                low_stock BIGINT,
                rating_sum BIGINT NOT NULL DEFAULT 0,
                rating_count BIGINT NOT NULL DEFAULT 0
                    CONSTRAINT products_rating CHECK (rating_sum BETWEEN rating_count AND rating_count * 5),
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL,
                archived_at BIGINT,
                description TEXT
            )
            """,
            // One for each order of the list, and each once more within a category: a page is read
            // from where it begins, and never sorted.
            "CREATE INDEX products_by_name ON products (name, id) WHERE archived_at IS NULL",
            "CREATE INDEX products_by_price ON products (price, id) WHERE archived_at IS NULL",
            "CREATE INDEX products_by_age ON products (created_at, id) WHERE archived_at IS NULL",
            "CREATE INDEX products_by_category_name ON products (category, name, id) WHERE archived_at IS NULL",
            "CREATE INDEX products_by_category_price ON products (category, price, id) WHERE archived_at IS NULL",
            "CREATE INDEX products_by_category_age ON products (category, created_at, id) WHERE archived_at IS NULL",
            """
            CREATE TABLE stock_movements (
                id \(.identity),
                product_id BIGINT NOT NULL REFERENCES products (id),
                delta BIGINT NOT NULL CONSTRAINT stock_movements_delta CHECK (delta <> 0),
                stock_after BIGINT NOT NULL,
                kind TEXT NOT NULL CONSTRAINT stock_movements_kind
                    CHECK (kind IN ('received', 'adjusted', 'sold', 'returned')),
                reason TEXT,
                order_id BIGINT,
                actor_id BIGINT NOT NULL REFERENCES customers (id),
                created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX stock_movements_by_product ON stock_movements (product_id, id)",
        ]),
    Migration(
        "inventory/2 search, categories and low stock",
        [
            "\(.create(productSearch))",
            """
            CREATE TABLE categories (
                name TEXT PRIMARY KEY,
                products BIGINT NOT NULL CONSTRAINT categories_products CHECK (products >= 0)
            )
            """,
            """
            CREATE INDEX products_low_on_stock ON products (id)
            WHERE archived_at IS NULL AND stock <= low_stock
            """,
            // What was on sale before there was a search.
            """
            INSERT INTO product_search (\(.document), name, sku, description)
            SELECT id, name, COALESCE(sku, ''), COALESCE(description, '') FROM products
            WHERE archived_at IS NULL
            """,
            """
            INSERT INTO categories (name, products)
            SELECT category, COUNT(*) FROM products WHERE archived_at IS NULL GROUP BY category
            """,
        ]),
    // A list of more than two constants behind IN is a table that the engine makes anew for each row,
    // and each purchase writes one.
    Migration(
        "inventory/3 a ledger that is quicker to write",
        [
            "DROP INDEX stock_movements_by_product",
            "ALTER TABLE stock_movements RENAME TO former_stock_movements",
            """
            CREATE TABLE stock_movements (
                id \(.serial),
                product_id BIGINT NOT NULL REFERENCES products (id),
                delta BIGINT NOT NULL CONSTRAINT stock_movements_delta CHECK (delta <> 0),
                stock_after BIGINT NOT NULL,
                kind TEXT NOT NULL CONSTRAINT stock_movements_kind CHECK (
                    kind = 'received' OR kind = 'adjusted' OR kind = 'sold' OR kind = 'returned'),
                reason TEXT,
                order_id BIGINT,
                actor_id BIGINT NOT NULL REFERENCES customers (id),
                created_at BIGINT NOT NULL
            )
            """,
            """
            INSERT INTO stock_movements (id, product_id, delta, stock_after, kind, reason, order_id,
                actor_id, created_at)
            SELECT id, product_id, delta, stock_after, kind, reason, order_id, actor_id, created_at
            FROM former_stock_movements ORDER BY id
            """,
            "DROP TABLE former_stock_movements",
            "CREATE INDEX stock_movements_by_product ON stock_movements (product_id, id)",
        ]),
    // What is sold out is mostly little; in the order of a list it would be read for.
    Migration(
        "inventory/4 what is out of stock",
        [
            """
            CREATE INDEX products_out_of_stock ON products (stock, category, id)
            WHERE archived_at IS NULL AND stock = 0
            """
        ]),
]
