public import Storage

/// The tables of carts and their lines.
///
/// No other slice writes them.
public let tables: [Migration] = [
    Migration("carts/1 carts and their lines", cartTables)
]

private let cartTables: [SQL] = [
    // An open cart belongs to a token or to a customer. `order_id` is the order of a cart that was
    // checked out; such a cart has no lines, and keeps its token so that a retry finds the order.
    //
    // Addresses are JSON, because the shop never searches for their parts.
    """
    CREATE TABLE carts (
        id \(.identity),
        token_hash TEXT CONSTRAINT carts_token_hash_key UNIQUE,
        customer_id \(.int64) REFERENCES customers (id),
        shipping_address TEXT,
        billing_address TEXT,
        shipping_method_id \(.int64),
        coupon TEXT,
        email TEXT,
        note TEXT,
        order_id \(.int64) REFERENCES orders (id),
        created_at \(.int64) NOT NULL,
        updated_at \(.int64) NOT NULL,
        expires_at \(.int64) NOT NULL,
        CONSTRAINT carts_owner CHECK (
            (token_hash IS NULL) = (customer_id IS NOT NULL) OR order_id IS NOT NULL)
    ) \(.strict)
    """,
    // A customer has one open cart.
    """
    CREATE UNIQUE INDEX carts_customer_id_key ON carts (customer_id)
        WHERE customer_id IS NOT NULL AND order_id IS NULL
    """,
    """
    CREATE INDEX carts_by_customer ON carts (customer_id, id) WHERE customer_id IS NOT NULL
    """,
    "CREATE UNIQUE INDEX carts_order_id_key ON carts (order_id) WHERE order_id IS NOT NULL",
    "CREATE INDEX carts_by_expiry ON carts (expires_at, id)",
    // `unit_price` is the price at which the customer has put the product into the cart.
    """
    CREATE TABLE cart_items (
        cart_id \(.int64) NOT NULL REFERENCES carts (id),
        product_id \(.int64) NOT NULL REFERENCES products (id),
        quantity \(.int64) NOT NULL
            CONSTRAINT cart_items_quantity CHECK (quantity BETWEEN 1 AND 1000000),
        unit_price \(.int64) NOT NULL
            CONSTRAINT cart_items_unit_price CHECK (unit_price BETWEEN 0 AND 100000000000),
        created_at \(.int64) NOT NULL,
        PRIMARY KEY (cart_id, product_id)
    ) \(.keyed)
    """,
]
