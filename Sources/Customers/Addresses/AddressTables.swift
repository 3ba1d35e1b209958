import Storage

/// The addresses that customers save.
let addressTables: [SQL] = [
    // `lines` are separated by line breaks.
    """
    CREATE TABLE addresses (
        id \(.identity),
        customer_id \(.int64) NOT NULL REFERENCES customers (id),
        label TEXT,
        name TEXT NOT NULL,
        company TEXT,
        lines TEXT NOT NULL,
        city TEXT NOT NULL,
        region TEXT,
        postal_code TEXT,
        country TEXT NOT NULL CONSTRAINT addresses_country CHECK (length(country) = 2),
        phone TEXT,
        default_shipping \(.int64) NOT NULL
            CONSTRAINT addresses_default_shipping CHECK (default_shipping IN (0, 1)),
        default_billing \(.int64) NOT NULL
            CONSTRAINT addresses_default_billing CHECK (default_billing IN (0, 1)),
        created_at \(.int64) NOT NULL,
        updated_at \(.int64) NOT NULL
    ) \(.strict)
    """,
    "CREATE INDEX addresses_by_customer ON addresses (customer_id, id)",
    """
    CREATE UNIQUE INDEX addresses_shipping_by_customer ON addresses (customer_id)
        WHERE default_shipping = 1
    """,
    """
    CREATE UNIQUE INDEX addresses_billing_by_customer ON addresses (customer_id)
        WHERE default_billing = 1
    """,
]
