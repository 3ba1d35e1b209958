public import Storage

/// The tables of products, their stock and their search index.
///
/// No other slice writes them.
public let tables: [Migration] = [
    Migration(
        "inventory/1 products, stock movements, search and categories",
        productTables + stockTables + searchTables),
    Migration("inventory/2 weight, shipping and tax class of products", checkoutColumns),
    Migration("inventory/3 levels of stock", stockLevels),
    Migration("inventory/4 search of the newest products", ["\(.divide(productSearch))"]),
]

private let productTables: [SQL] = [
    // `name_key` is `sortKey` of the name. Lists sorted by name use it.
    """
    CREATE TABLE products (
        id \(.identity),
        sku TEXT,
        name TEXT NOT NULL,
        name_key TEXT NOT NULL,
        category TEXT NOT NULL,
        price \(.int64) NOT NULL CONSTRAINT products_price CHECK (price BETWEEN 0 AND 100000000000),
        stock \(.int64) NOT NULL CONSTRAINT products_stock CHECK (stock BETWEEN 0 AND 1000000000),
        low_stock \(.int64),
        rating_sum \(.int64) NOT NULL DEFAULT 0,
        rating_count \(.int64) NOT NULL DEFAULT 0
            CONSTRAINT products_rating CHECK (rating_sum BETWEEN rating_count AND rating_count * 5),
        created_at \(.int64) NOT NULL,
        updated_at \(.int64) NOT NULL,
        archived_at \(.int64),
        description TEXT
    ) \(.strict)
    """,
    // An archived product does not reserve its SKU.
    "CREATE UNIQUE INDEX products_sku_key ON products (sku) WHERE archived_at IS NULL",
    "CREATE INDEX products_archived ON products (archived_at, id) WHERE archived_at IS NOT NULL",
    // One index for each sort order of the list, and one for each order within a category. A page
    // is read from its first row on and never sorted.
    "CREATE INDEX products_by_name ON products (name_key, id) WHERE archived_at IS NULL",
    "CREATE INDEX products_by_price ON products (price, id) WHERE archived_at IS NULL",
    "CREATE INDEX products_by_age ON products (created_at, id) WHERE archived_at IS NULL",
    "CREATE INDEX products_by_category_name ON products (category, name_key, id) WHERE archived_at IS NULL",
    "CREATE INDEX products_by_category_price ON products (category, price, id) WHERE archived_at IS NULL",
    "CREATE INDEX products_by_category_age ON products (category, created_at, id) WHERE archived_at IS NULL",
    """
    CREATE INDEX products_low_on_stock ON products (id)
    WHERE archived_at IS NULL AND stock <= low_stock
    """,
    """
    CREATE INDEX products_out_of_stock ON products (stock, category, id)
    WHERE archived_at IS NULL AND stock = 0
    """,
]

private let checkoutColumns: [SQL] = [
    """
    ALTER TABLE products ADD COLUMN weight_g \(.int64) NOT NULL DEFAULT 0
        CONSTRAINT products_weight_g CHECK (weight_g BETWEEN 0 AND 1000000)
    """,
    """
    ALTER TABLE products ADD COLUMN requires_shipping \(.int64) NOT NULL DEFAULT 1
        CONSTRAINT products_requires_shipping CHECK (requires_shipping IN (0, 1))
    """,
    """
    ALTER TABLE products ADD COLUMN tax_class TEXT NOT NULL DEFAULT 'standard'
        CONSTRAINT products_tax_class CHECK (length(tax_class) BETWEEN 1 AND 40)
    """,
]

private let stockLevels: [SQL] = [
    // An order changes `stock`, but seldom one of these. PostgreSQL writes no entry in any index of
    // the table for a row whose indexed columns stay as they are. The columns of an index's WHERE
    // count as indexed. https://www.postgresql.org/docs/15/storage-hot.html
    """
    ALTER TABLE products ADD COLUMN is_out_of_stock \(.int64)
        GENERATED ALWAYS AS (CASE WHEN stock = 0 THEN 1 ELSE 0 END) \(.generated)
    """,
    """
    ALTER TABLE products ADD COLUMN is_low_on_stock \(.int64)
        GENERATED ALWAYS AS (CASE WHEN stock <= low_stock THEN 1 ELSE 0 END) \(.generated)
    """,
    "DROP INDEX products_low_on_stock",
    """
    CREATE INDEX products_low_on_stock ON products (is_low_on_stock, id)
    WHERE archived_at IS NULL AND is_low_on_stock = 1
    """,
    "DROP INDEX products_out_of_stock",
    // Few products are out of stock. In the order of a list, nearly all products would be read to
    // find them.
    """
    CREATE INDEX products_out_of_stock ON products (is_out_of_stock, category, id)
    WHERE archived_at IS NULL AND is_out_of_stock = 1
    """,
]

private let stockTables: [SQL] = [
    // `kind` is compared with OR, because SQLite builds a table for each check of an IN list with
    // more than two constants.
    """
    CREATE TABLE stock_movements (
        id \(.serial),
        product_id \(.int64) NOT NULL REFERENCES products (id),
        delta \(.int64) NOT NULL CONSTRAINT stock_movements_delta CHECK (
            delta <> 0 AND delta BETWEEN -1000000000 AND 1000000000),
        stock_after \(.int64) NOT NULL,
        kind TEXT NOT NULL CONSTRAINT stock_movements_kind CHECK (
            kind = 'received' OR kind = 'adjusted' OR kind = 'sold' OR kind = 'returned'),
        reason TEXT,
        order_id \(.int64),
        actor_id \(.int64) NOT NULL REFERENCES customers (id),
        created_at \(.int64) NOT NULL
    ) \(.strict)
    """,
    "CREATE INDEX stock_movements_by_product ON stock_movements (product_id, id)",
]

private let searchTables: [SQL] = [
    "\(.create(productSearch))",
    """
    CREATE TABLE categories (
        name TEXT NOT NULL PRIMARY KEY,
        products \(.int64) NOT NULL CONSTRAINT categories_products CHECK (products >= 0)
    ) \(.strict)
    """,
]
