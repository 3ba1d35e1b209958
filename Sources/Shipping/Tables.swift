public import Storage

/// The table of shipping methods.
///
/// No other slice writes it.
public let tables: [Migration] = [Migration("shipping/1 shipping methods", methodTables)]

private let methodTables: [SQL] = [
    // `countries` are codes, separated by spaces; empty for all countries. Orders keep copies of
    // name and price, and an archived method stays for its id.
    """
    CREATE TABLE shipping_methods (
        id \(.identity),
        name TEXT NOT NULL,
        countries TEXT NOT NULL,
        price \(.int64) NOT NULL
            CONSTRAINT shipping_methods_price CHECK (price BETWEEN 0 AND 100000000000),
        free_from \(.int64)
            CONSTRAINT shipping_methods_free_from CHECK (free_from BETWEEN 0 AND 1000000000000000),
        min_weight_g \(.int64)
            CONSTRAINT shipping_methods_min_weight_g CHECK (min_weight_g >= 0),
        max_weight_g \(.int64)
            CONSTRAINT shipping_methods_max_weight_g CHECK (max_weight_g >= 0),
        cash_on_delivery \(.int64) NOT NULL
            CONSTRAINT shipping_methods_cash_on_delivery CHECK (cash_on_delivery IN (0, 1)),
        tax_class TEXT NOT NULL
            CONSTRAINT shipping_methods_tax_class CHECK (length(tax_class) BETWEEN 1 AND 40),
        created_at \(.int64) NOT NULL,
        updated_at \(.int64) NOT NULL,
        archived_at \(.int64),
        CONSTRAINT shipping_methods_weights CHECK (min_weight_g <= max_weight_g)
    ) \(.strict)
    """,
    "CREATE INDEX shipping_methods_in_use ON shipping_methods (id) WHERE archived_at IS NULL",
]
