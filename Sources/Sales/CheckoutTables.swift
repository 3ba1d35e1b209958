import Storage

// The tables of orders as the checkout needs them. SQLite cannot change a CHECK, so they are made
// again and filled.
//
// The amounts, names and addresses of an order are copies and never references: a product, a
// shipping method or a tax rate that changes later does not change an order.

let checkoutTables: [SQL] =
    formerTables + [newOrders] + [newLines, newEvents] + filledTables + orderIndexes + reportColumns

private let formerTables: [SQL] = [
    "ALTER TABLE orders RENAME TO former_orders",
    "ALTER TABLE order_lines RENAME TO former_order_lines",
    "ALTER TABLE order_events RENAME TO former_order_events",
]

/// The table of orders.
///
/// `customer_id` is NULL for a guest, who has `email` and reads the order with a token, of which
/// `order_token_hash` is the hash. `placed_by` is the member of staff who ordered for the customer.
///
/// `paid_at` is NULL until the order is paid. It decides on which day the reports count the order.
/// `hold_until` is the time at which an unpaid order gives its units back.
///
/// With `tax_included` the prices contain `tax`, otherwise `total` adds it. `shipping_tax` is the
/// part of `tax` for `shipping`. `tax_country` is the destination. `tax_region` is its region, if the
/// region has rates of its own. The addresses are JSON.
private let newOrders: SQL = """
    CREATE TABLE orders (
        id \(.serial),
        customer_id \(.int64) REFERENCES customers (id),
        placed_by \(.int64) REFERENCES customers (id),
        status TEXT NOT NULL CONSTRAINT orders_status CHECK (
            status = 'paid' OR status = 'pending' OR status = 'shipped' OR status = 'delivered'
            OR status = 'cancelled' OR status = 'refunded'),
        payment_status TEXT NOT NULL,
        fulfillment_status TEXT NOT NULL DEFAULT 'unfulfilled'
            CONSTRAINT orders_fulfillment_status CHECK (
                fulfillment_status = 'unfulfilled' OR fulfillment_status = 'partial'
                OR fulfillment_status = 'fulfilled'),
        payment_method TEXT NOT NULL DEFAULT 'wallet',
        subtotal \(.int64) NOT NULL
            CONSTRAINT orders_subtotal CHECK (subtotal BETWEEN 0 AND 1000000000000000),
        discount \(.int64) NOT NULL DEFAULT 0
            CONSTRAINT orders_discount CHECK (discount BETWEEN 0 AND subtotal),
        shipping \(.int64) NOT NULL DEFAULT 0
            CONSTRAINT orders_shipping CHECK (shipping BETWEEN 0 AND 1000000000000000),
        tax \(.int64) NOT NULL DEFAULT 0
            CONSTRAINT orders_tax CHECK (tax BETWEEN 0 AND 1000000000000000),
        shipping_tax \(.int64) NOT NULL DEFAULT 0
            CONSTRAINT orders_shipping_tax CHECK (shipping_tax BETWEEN 0 AND tax),
        shipping_tax_rate \(.int64) NOT NULL DEFAULT 0
            CONSTRAINT orders_shipping_tax_rate CHECK (shipping_tax_rate BETWEEN 0 AND 10000),
        tax_included \(.int64) NOT NULL DEFAULT 1
            CONSTRAINT orders_tax_included CHECK (tax_included IN (0, 1)),
        total \(.int64) NOT NULL
            CONSTRAINT orders_total CHECK (total BETWEEN 0 AND 1000000000000000),
        refunded \(.int64) NOT NULL DEFAULT 0
            CONSTRAINT orders_refunded CHECK (refunded BETWEEN 0 AND total),
        refunded_shipping \(.int64) NOT NULL DEFAULT 0
            CONSTRAINT orders_refunded_shipping CHECK (refunded_shipping BETWEEN 0 AND refunded),
        currency TEXT NOT NULL,
        coupon TEXT,
        shipping_method_id \(.int64),
        shipping_method TEXT,
        shipping_price \(.int64),
        tax_country TEXT,
        tax_region TEXT,
        hold_until \(.int64),
        paid_at \(.int64),
        created_at \(.int64) NOT NULL,
        order_token_hash TEXT,
        email TEXT,
        note TEXT,
        shipping_address TEXT,
        billing_address TEXT,
        CONSTRAINT orders_total_parts CHECK (
            total = subtotal - discount + shipping
                + CASE WHEN tax_included = 1 THEN 0 ELSE tax END),
        CONSTRAINT orders_buyer CHECK (customer_id IS NOT NULL OR order_token_hash IS NOT NULL),
        CONSTRAINT orders_payment_status CHECK (
            payment_status = 'paid' AND refunded = 0 AND paid_at IS NOT NULL
            OR payment_status = 'unpaid' AND refunded = 0 AND paid_at IS NULL
            OR payment_status = 'partially_refunded' AND refunded > 0 AND refunded < total
                AND paid_at IS NOT NULL
            OR payment_status = 'refunded' AND refunded = total AND paid_at IS NOT NULL)
    ) \(.strict)
    """

/// The lines of orders.
///
/// `discount` is that of the whole line, and `tax` is due on what is left. `tax_included` is a copy
/// of the order's, so that the amount of a line needs no other table.
private let newLines: SQL = """
    CREATE TABLE order_lines (
        order_id \(.int64) NOT NULL REFERENCES orders (id),
        product_id \(.int64) NOT NULL REFERENCES products (id),
        name TEXT NOT NULL,
        sku TEXT,
        unit_price \(.int64) NOT NULL
            CONSTRAINT order_lines_unit_price CHECK (unit_price BETWEEN 0 AND 100000000000),
        quantity \(.int64) NOT NULL
            CONSTRAINT order_lines_quantity CHECK (quantity BETWEEN 1 AND 1000000),
        discount \(.int64) NOT NULL DEFAULT 0
            CONSTRAINT order_lines_discount CHECK (discount BETWEEN 0 AND unit_price * quantity),
        tax \(.int64) NOT NULL DEFAULT 0
            CONSTRAINT order_lines_tax CHECK (tax BETWEEN 0 AND 1000000000000000),
        tax_rate \(.int64) NOT NULL DEFAULT 0
            CONSTRAINT order_lines_tax_rate CHECK (tax_rate BETWEEN 0 AND 10000),
        tax_name TEXT,
        tax_included \(.int64) NOT NULL DEFAULT 1
            CONSTRAINT order_lines_tax_included CHECK (tax_included IN (0, 1)),
        requires_shipping \(.int64) NOT NULL DEFAULT 1
            CONSTRAINT order_lines_requires_shipping CHECK (requires_shipping IN (0, 1)),
        refunded_quantity \(.int64) NOT NULL DEFAULT 0
            CONSTRAINT order_lines_refunded_quantity
                CHECK (refunded_quantity BETWEEN 0 AND quantity),
        PRIMARY KEY (order_id, product_id)
    ) \(.keyed)
    """

/// The events of an order after its creation.
///
/// `actor_id` is NULL for a guest and for the shop itself.
private let newEvents: SQL = """
    CREATE TABLE order_events (
        id \(.serial),
        order_id \(.int64) NOT NULL REFERENCES orders (id),
        status TEXT NOT NULL CONSTRAINT order_events_status CHECK (
            status = 'paid' OR status = 'shipped' OR status = 'delivered'
            OR status = 'cancelled' OR status = 'refunded'),
        amount \(.int64) NOT NULL
            CONSTRAINT order_events_amount CHECK (amount BETWEEN 0 AND 1000000000000000),
        reason TEXT,
        actor_id \(.int64) REFERENCES customers (id),
        created_at \(.int64) NOT NULL
    ) \(.strict)
    """

private let filledTables: [SQL] = [
    """
    INSERT INTO orders (id, customer_id, status, payment_status, fulfillment_status, subtotal,
        total, refunded, currency, paid_at, created_at)
    SELECT id, customer_id, status,
        CASE
            WHEN refunded = total AND (total > 0 OR status IN ('cancelled', 'refunded'))
                THEN 'refunded'
            WHEN refunded > 0 THEN 'partially_refunded'
            ELSE 'paid'
        END,
        CASE
            WHEN EXISTS (
                SELECT id FROM former_order_events AS event
                WHERE event.order_id = former_orders.id AND event.status = 'shipped'
            ) THEN 'fulfilled'
            ELSE 'unfulfilled'
        END,
        total, total, refunded, currency, created_at, created_at
    FROM former_orders ORDER BY id
    """,
    """
    INSERT INTO order_lines (order_id, product_id, name, unit_price, quantity, refunded_quantity)
    SELECT order_id, product_id, name, unit_price, quantity, refunded_quantity
    FROM former_order_lines ORDER BY order_id, product_id
    """,
    """
    INSERT INTO order_events (id, order_id, status, amount, reason, actor_id, created_at)
    SELECT id, order_id, status, amount, reason, actor_id, created_at
    FROM former_order_events ORDER BY id
    """,
    "DROP TABLE former_order_events",
    "DROP TABLE former_order_lines",
    "DROP TABLE former_orders",
]

private let orderIndexes: [SQL] = [
    // Ids follow the order of commits, `created_at` the order of arrival. Lists are sorted by time,
    // because they can be filtered by a period.
    "CREATE INDEX orders_by_age ON orders (created_at, id)",
    "CREATE INDEX orders_by_customer_age ON orders (customer_id, created_at, id)",
    "CREATE INDEX orders_by_status_age ON orders (status, created_at, id)",
    "CREATE INDEX order_events_by_order ON order_events (order_id, id)",
]

private let reportColumns: [SQL] = [
    "ALTER TABLE sales_by_day ADD COLUMN discount \(.int64) NOT NULL DEFAULT 0",
    "ALTER TABLE sales_by_day ADD COLUMN shipping \(.int64) NOT NULL DEFAULT 0",
    "ALTER TABLE sales_by_day ADD COLUMN tax \(.int64) NOT NULL DEFAULT 0",
]

let unpaidOrders: [SQL] = [
    // What gift cards paid into the buyer's wallet when the order was created.
    "ALTER TABLE orders ADD COLUMN gift_card_amount \(.int64) NOT NULL DEFAULT 0",
    """
    CREATE INDEX orders_by_hold ON orders (hold_until, id)
        WHERE status = 'pending' AND hold_until IS NOT NULL
    """,
    """
    CREATE INDEX orders_unpaid_by_customer ON orders (customer_id, id)
        WHERE payment_status = 'unpaid' AND status <> 'cancelled'
    """,
]
