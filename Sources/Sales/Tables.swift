public import Storage

/// The tables of orders and wishes, oldest first.
///
/// No other slice writes them.
public let tables: [Migration] = [
    Migration(
        "sales/1 orders and wishes",
        [
            """
            CREATE TABLE orders (
                id \(.identity),
                customer_id BIGINT NOT NULL REFERENCES customers (id),
                status TEXT NOT NULL CONSTRAINT orders_status
                    CHECK (status IN ('paid', 'shipped', 'delivered', 'cancelled', 'refunded')),
                total BIGINT NOT NULL CONSTRAINT orders_total CHECK (total >= 0),
                refunded BIGINT NOT NULL DEFAULT 0
                    CONSTRAINT orders_refunded CHECK (refunded BETWEEN 0 AND total),
                currency TEXT NOT NULL,
                created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX orders_by_customer ON orders (customer_id, id)",
            "CREATE INDEX orders_by_status ON orders (status, id)",
            // Name and price are the ones of the sale, whatever the product costs later.
            """
            CREATE TABLE order_lines (
                order_id BIGINT NOT NULL REFERENCES orders (id),
                product_id BIGINT NOT NULL REFERENCES products (id),
                name TEXT NOT NULL,
                unit_price BIGINT NOT NULL,
                quantity BIGINT NOT NULL CONSTRAINT order_lines_quantity CHECK (quantity > 0),
                refunded BIGINT NOT NULL DEFAULT 0
                    CONSTRAINT order_lines_refunded CHECK (refunded BETWEEN 0 AND quantity),
                PRIMARY KEY (order_id, product_id)
            )
            """,
            """
            CREATE TABLE wishes (
                customer_id BIGINT NOT NULL REFERENCES customers (id),
                product_id BIGINT NOT NULL REFERENCES products (id),
                created_at BIGINT NOT NULL,
                PRIMARY KEY (customer_id, product_id)
            )
            """,
            // What happened to an order after it was paid, which is how it begins.
            """
            CREATE TABLE order_events (
                id \(.identity),
                order_id BIGINT NOT NULL REFERENCES orders (id),
                status TEXT NOT NULL CONSTRAINT order_events_status
                    CHECK (status IN ('shipped', 'delivered', 'cancelled', 'refunded')),
                amount BIGINT NOT NULL CONSTRAINT order_events_amount CHECK (amount >= 0),
                reason TEXT,
                actor_id BIGINT NOT NULL REFERENCES customers (id),
                created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX order_events_by_order ON order_events (order_id, id)",
            // Sums that are kept in the commit of each sale, so that a report reads days and not
            // orders.
            """
            CREATE TABLE sales_by_day (
                day BIGINT PRIMARY KEY,
                orders BIGINT NOT NULL,
                units BIGINT NOT NULL,
                gross BIGINT NOT NULL,
                refunded BIGINT NOT NULL
            )
            """,
            """
            CREATE TABLE sales_by_day_and_product (
                day BIGINT NOT NULL,
                product_id BIGINT NOT NULL REFERENCES products (id),
                units BIGINT NOT NULL,
                gross BIGINT NOT NULL,
                PRIMARY KEY (day, product_id)
            )
            """,
        ]),
    // Ids follow the order of commits, moments that of arrival: a list that can be asked for a time
    // is in the order of time.
    Migration(
        "sales/2 orders by age",
        [
            "DROP INDEX orders_by_customer",
            "DROP INDEX orders_by_status",
            "CREATE INDEX orders_by_age ON orders (created_at, id)",
            "CREATE INDEX orders_by_customer_age ON orders (customer_id, created_at, id)",
            "CREATE INDEX orders_by_status_age ON orders (status, created_at, id)",
        ]),
    // What a purchase writes, at less work. Rows that are found by their key alone lie in its order,
    // instead of in one tree with the key in another; and a list of more than two constants behind
    // IN is a table that the engine makes anew for each row.
    Migration(
        "sales/3 orders that are quicker to write",
        [
            "DROP INDEX orders_by_age",
            "DROP INDEX orders_by_customer_age",
            "DROP INDEX orders_by_status_age",
            "DROP INDEX order_events_by_order",
            "ALTER TABLE orders RENAME TO former_orders",
            "ALTER TABLE order_lines RENAME TO former_order_lines",
            "ALTER TABLE order_events RENAME TO former_order_events",
            "ALTER TABLE sales_by_day_and_product RENAME TO former_sales",
            """
            CREATE TABLE orders (
                id \(.serial),
                customer_id BIGINT NOT NULL REFERENCES customers (id),
                status TEXT NOT NULL CONSTRAINT orders_status CHECK (
                    status = 'paid' OR status = 'shipped' OR status = 'delivered'
                    OR status = 'cancelled' OR status = 'refunded'),
                total BIGINT NOT NULL CONSTRAINT orders_total CHECK (total >= 0),
                refunded BIGINT NOT NULL DEFAULT 0
                    CONSTRAINT orders_refunded CHECK (refunded BETWEEN 0 AND total),
                currency TEXT NOT NULL,
                created_at BIGINT NOT NULL
            )
            """,
            """
            INSERT INTO orders (id, customer_id, status, total, refunded, currency, created_at)
            SELECT id, customer_id, status, total, refunded, currency, created_at
            FROM former_orders ORDER BY id
            """,
            """
            CREATE TABLE order_lines (
                order_id BIGINT NOT NULL REFERENCES orders (id),
                product_id BIGINT NOT NULL REFERENCES products (id),
                name TEXT NOT NULL,
                unit_price BIGINT NOT NULL,
                quantity BIGINT NOT NULL CONSTRAINT order_lines_quantity CHECK (quantity > 0),
                refunded BIGINT NOT NULL DEFAULT 0
                    CONSTRAINT order_lines_refunded CHECK (refunded BETWEEN 0 AND quantity),
                PRIMARY KEY (order_id, product_id)
            ) \(.keyed)
            """,
            """
            INSERT INTO order_lines (order_id, product_id, name, unit_price, quantity, refunded)
            SELECT order_id, product_id, name, unit_price, quantity, refunded
            FROM former_order_lines ORDER BY order_id, product_id
            """,
            """
            CREATE TABLE order_events (
                id \(.serial),
                order_id BIGINT NOT NULL REFERENCES orders (id),
                status TEXT NOT NULL CONSTRAINT order_events_status CHECK (
                    status = 'shipped' OR status = 'delivered' OR status = 'cancelled'
                    OR status = 'refunded'),
                amount BIGINT NOT NULL CONSTRAINT order_events_amount CHECK (amount >= 0),
                reason TEXT,
                actor_id BIGINT NOT NULL REFERENCES customers (id),
                created_at BIGINT NOT NULL
            )
            """,
            """
            INSERT INTO order_events (id, order_id, status, amount, reason, actor_id, created_at)
            SELECT id, order_id, status, amount, reason, actor_id, created_at
            FROM former_order_events ORDER BY id
            """,
            """
            CREATE TABLE sales_by_day_and_product (
                day BIGINT NOT NULL,
                product_id BIGINT NOT NULL REFERENCES products (id),
                units BIGINT NOT NULL,
                gross BIGINT NOT NULL,
                PRIMARY KEY (day, product_id)
            ) \(.keyed)
            """,
            """
            INSERT INTO sales_by_day_and_product (day, product_id, units, gross)
            SELECT day, product_id, units, gross FROM former_sales ORDER BY day, product_id
            """,
            "DROP TABLE former_sales",
            "DROP TABLE former_order_events",
            "DROP TABLE former_order_lines",
            "DROP TABLE former_orders",
            "CREATE INDEX orders_by_age ON orders (created_at, id)",
            "CREATE INDEX orders_by_customer_age ON orders (customer_id, created_at, id)",
            "CREATE INDEX orders_by_status_age ON orders (status, created_at, id)",
            "CREATE INDEX order_events_by_order ON order_events (order_id, id)",
        ]),
    // Up to which one orders are in the sums of their days; one row.
    Migration(
        "sales/4 orders that are counted",
        [
            "CREATE TABLE counted_orders (last_id BIGINT NOT NULL)",
            "INSERT INTO counted_orders (last_id) SELECT COALESCE(MAX(id), 0) FROM orders",
        ]),
]
