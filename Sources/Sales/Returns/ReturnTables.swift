import Storage

let returnTables: [SQL] = [
    // The units that came back by returns. They are among the refunded ones.
    """
    ALTER TABLE order_lines ADD COLUMN returned_quantity \(.int64) NOT NULL DEFAULT 0
        CONSTRAINT order_lines_returned_quantity
            CHECK (returned_quantity BETWEEN 0 AND shipped_quantity)
    """,
    // `number` counts from 1 in each order. `id` is the order of the pages.
    """
    CREATE TABLE order_returns (
        id \(.serial),
        order_id \(.int64) NOT NULL REFERENCES orders (id),
        number \(.int64) NOT NULL
            CONSTRAINT order_returns_number CHECK (number BETWEEN 1 AND 100),
        kind TEXT NOT NULL
            CONSTRAINT order_returns_kind CHECK (kind = 'return' OR kind = 'withdrawal'),
        status TEXT NOT NULL CONSTRAINT order_returns_status CHECK (
            status = 'requested' AND decided_at IS NULL AND received_at IS NULL
            OR status = 'approved' AND decided_at IS NOT NULL AND received_at IS NULL
            OR status = 'declined' AND decided_at IS NOT NULL AND received_at IS NULL
            OR status = 'received' AND decided_at IS NOT NULL AND received_at IS NOT NULL),
        reason TEXT,
        decline_reason TEXT,
        created_at \(.int64) NOT NULL,
        decided_at \(.int64),
        received_at \(.int64)
    ) \(.strict)
    """,
    "CREATE UNIQUE INDEX order_returns_number_key ON order_returns (order_id, number)",
    "CREATE INDEX order_returns_by_status ON order_returns (status, id)",
    """
    CREATE TABLE order_return_lines (
        return_id \(.int64) NOT NULL REFERENCES order_returns (id),
        order_id \(.int64) NOT NULL,
        product_id \(.int64) NOT NULL,
        quantity \(.int64) NOT NULL
            CONSTRAINT order_return_lines_quantity CHECK (quantity BETWEEN 1 AND 1000000),
        received_quantity \(.int64) NOT NULL DEFAULT 0
            CONSTRAINT order_return_lines_received_quantity
                CHECK (received_quantity BETWEEN 0 AND quantity),
        PRIMARY KEY (return_id, product_id),
        FOREIGN KEY (order_id, product_id) REFERENCES order_lines (order_id, product_id)
    ) \(.keyed)
    """,
]
