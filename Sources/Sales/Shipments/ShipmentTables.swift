import Storage

/// Shipments, and the shipments of orders that were shipped as a whole before.
///
/// Of those, the table has one shipment with all units. It does not know which units had been
/// refunded before.
let shipmentTables: [SQL] = [
    "ALTER TABLE orders ADD COLUMN delivered_at \(.int64)",
    """
    UPDATE orders SET delivered_at = (
        SELECT MAX(event.created_at) FROM order_events AS event
        WHERE event.order_id = orders.id AND event.status = 'delivered'
    )
    """,
    """
    ALTER TABLE order_lines ADD COLUMN shipped_quantity \(.int64) NOT NULL DEFAULT 0
        CONSTRAINT order_lines_shipped_quantity CHECK (shipped_quantity BETWEEN 0 AND quantity)
    """,
    """
    CREATE TABLE shipments (
        order_id \(.int64) NOT NULL REFERENCES orders (id),
        number \(.int64) NOT NULL CONSTRAINT shipments_number CHECK (number BETWEEN 1 AND 100),
        carrier TEXT,
        tracking_number TEXT,
        tracking_url TEXT,
        created_at \(.int64) NOT NULL,
        PRIMARY KEY (order_id, number)
    ) \(.keyed)
    """,
    """
    CREATE TABLE shipment_lines (
        order_id \(.int64) NOT NULL,
        number \(.int64) NOT NULL,
        product_id \(.int64) NOT NULL,
        quantity \(.int64) NOT NULL
            CONSTRAINT shipment_lines_quantity CHECK (quantity BETWEEN 1 AND 1000000),
        PRIMARY KEY (order_id, number, product_id),
        FOREIGN KEY (order_id, number) REFERENCES shipments (order_id, number),
        FOREIGN KEY (order_id, product_id) REFERENCES order_lines (order_id, product_id)
    ) \(.keyed)
    """,
    """
    INSERT INTO shipments (order_id, number, created_at)
    SELECT id, 1, COALESCE((
        SELECT MIN(event.created_at) FROM order_events AS event
        WHERE event.order_id = orders.id AND event.status = 'shipped'
    ), created_at)
    FROM orders WHERE fulfillment_status = 'fulfilled' ORDER BY id
    """,
    """
    INSERT INTO shipment_lines (order_id, number, product_id, quantity)
    SELECT order_id, 1, product_id, quantity FROM order_lines
    WHERE order_id IN (SELECT order_id FROM shipments) ORDER BY order_id, product_id
    """,
    """
    UPDATE order_lines SET shipped_quantity = quantity
    WHERE order_id IN (SELECT order_id FROM shipments)
    """,
]
