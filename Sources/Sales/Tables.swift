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
]
