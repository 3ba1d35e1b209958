public import Storage

/// The tables of orders and reports.
///
/// No other slice writes them.
public let tables: [Migration] = [
    Migration("sales/1 orders and reports", orderTables + reportTables),
    Migration("sales/2 queue of uncounted orders", uncountedOrders),
    Migration(
        "sales/3 amounts, payment and delivery of orders", checkoutTables,
        numberedTables: ["orders", "order_events"]),
    Migration(
        "sales/4 orders by the staff who changed them",
        ["CREATE INDEX order_events_by_actor ON order_events (actor_id, order_id)"]),
    Migration("sales/5 shipments", shipmentTables),
    Migration("sales/6 returns", returnTables),
    Migration("sales/7 orders that wait for money", unpaidOrders),
    Migration("sales/8 units of refunds", refundLines),
    Migration("sales/9 orders of guests", guestOrderTables),
    Migration("sales/10 sums of payment methods and taxes", methodAndTaxTables),
]

// Lists of more than two constants are compared with OR, because SQLite builds a table for each
// check of such an IN list. Tables whose rows are found only by their key are stored in its order.

private let orderTables: [SQL] = [
    """
    CREATE TABLE orders (
        id \(.serial),
        customer_id \(.int64) NOT NULL REFERENCES customers (id),
        status TEXT NOT NULL CONSTRAINT orders_status CHECK (
            status = 'paid' OR status = 'shipped' OR status = 'delivered'
            OR status = 'cancelled' OR status = 'refunded'),
        total \(.int64) NOT NULL
            CONSTRAINT orders_total CHECK (total BETWEEN 0 AND 1000000000000000),
        refunded \(.int64) NOT NULL DEFAULT 0
            CONSTRAINT orders_refunded CHECK (refunded BETWEEN 0 AND total),
        currency TEXT NOT NULL,
        created_at \(.int64) NOT NULL
    ) \(.strict)
    """,
    // Ids follow the order of commits, `created_at` the order of arrival. Lists are sorted by time,
    // because they can be filtered by a period.
    "CREATE INDEX orders_by_age ON orders (created_at, id)",
    "CREATE INDEX orders_by_customer_age ON orders (customer_id, created_at, id)",
    "CREATE INDEX orders_by_status_age ON orders (status, created_at, id)",
    // Name and price at the time of the order.
    """
    CREATE TABLE order_lines (
        order_id \(.int64) NOT NULL REFERENCES orders (id),
        product_id \(.int64) NOT NULL REFERENCES products (id),
        name TEXT NOT NULL,
        unit_price \(.int64) NOT NULL
            CONSTRAINT order_lines_unit_price CHECK (unit_price BETWEEN 0 AND 100000000000),
        quantity \(.int64) NOT NULL
            CONSTRAINT order_lines_quantity CHECK (quantity BETWEEN 1 AND 1000000),
        refunded_quantity \(.int64) NOT NULL DEFAULT 0
            CONSTRAINT order_lines_refunded_quantity
                CHECK (refunded_quantity BETWEEN 0 AND quantity),
        PRIMARY KEY (order_id, product_id)
    ) \(.keyed)
    """,
    // The events of an order after its payment.
    """
    CREATE TABLE order_events (
        id \(.serial),
        order_id \(.int64) NOT NULL REFERENCES orders (id),
        status TEXT NOT NULL CONSTRAINT order_events_status CHECK (
            status = 'shipped' OR status = 'delivered' OR status = 'cancelled'
            OR status = 'refunded'),
        amount \(.int64) NOT NULL
            CONSTRAINT order_events_amount CHECK (amount BETWEEN 0 AND 1000000000000000),
        reason TEXT,
        actor_id \(.int64) NOT NULL REFERENCES customers (id),
        created_at \(.int64) NOT NULL
    ) \(.strict)
    """,
    "CREATE INDEX order_events_by_order ON order_events (order_id, id)",
]

private let reportTables: [SQL] = [
    // Daily totals, so that a report reads days and not orders.
    """
    CREATE TABLE sales_by_day (
        day \(.int64) PRIMARY KEY,
        orders \(.int64) NOT NULL,
        units \(.int64) NOT NULL,
        gross \(.int64) NOT NULL,
        refunded \(.int64) NOT NULL
    ) \(.strict)
    """,
    """
    CREATE TABLE sales_by_day_and_product (
        day \(.int64) NOT NULL,
        product_id \(.int64) NOT NULL REFERENCES products (id),
        units \(.int64) NOT NULL,
        gross \(.int64) NOT NULL,
        PRIMARY KEY (day, product_id)
    ) \(.keyed)
    """,
    // One row: the newest order that the daily totals include.
    "CREATE TABLE counted_orders (last_id \(.int64) NOT NULL) \(.strict)",
    "INSERT INTO counted_orders (last_id) VALUES (0)",
    // One row: the time zone of the daily totals, an IANA name.
    "CREATE TABLE report_zone (name TEXT NOT NULL) \(.strict)",
    "INSERT INTO report_zone (name) VALUES ('UTC')",
    // The offsets of that zone: from `since` on, local time is UTC plus `utc_offset`, both in
    // milliseconds.
    """
    CREATE TABLE report_offsets (
        since \(.int64) PRIMARY KEY,
        utc_offset \(.int64) NOT NULL
    ) \(.strict)
    """,
    "INSERT INTO report_offsets (since, utc_offset) VALUES (-9223372036854775807, 0)",
]

private let uncountedOrders: [SQL] = [
    // The orders that the daily totals do not include yet. The highest included id would not say
    // that, because with several writers an order may commit after others with higher ids.
    "CREATE TABLE uncounted_orders (order_id \(.int64) PRIMARY KEY) \(.strict)",
    """
    INSERT INTO uncounted_orders (order_id)
    SELECT id FROM orders WHERE id > (SELECT last_id FROM counted_orders)
    """,
    "DROP TABLE counted_orders",
]
