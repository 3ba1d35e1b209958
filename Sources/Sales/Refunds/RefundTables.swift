import Storage

// The units of each refund. An order line only counts its refunded units, which does not show which
// of several refunds returned them.

/// The table of the units of refunds.
///
/// `event_id` is the refund or the cancellation. It is NULL only within the transaction of the
/// refund, whose event comes last. `units_before` units of the line had been refunded before.
///
/// An order with several refunds from before this table has no rows.
let refundLines: [SQL] = [
    """
    CREATE TABLE refund_lines (
        order_id \(.int64) NOT NULL REFERENCES orders (id),
        product_id \(.int64) NOT NULL,
        units_before \(.int64) NOT NULL
            CONSTRAINT refund_lines_units_before CHECK (units_before >= 0),
        quantity \(.int64) NOT NULL CONSTRAINT refund_lines_quantity CHECK (quantity >= 1),
        event_id \(.int64) REFERENCES order_events (id),
        PRIMARY KEY (order_id, product_id, units_before)
    ) \(.keyed)
    """,
    """
    INSERT INTO refund_lines (order_id, product_id, units_before, quantity, event_id)
    SELECT line.order_id, line.product_id, 0, line.refunded_quantity, event.id
    FROM order_lines AS line JOIN order_events AS event ON event.order_id = line.order_id
    WHERE line.refunded_quantity > 0 AND event.status IN ('refunded', 'cancelled')
        AND NOT EXISTS (
            SELECT other.id FROM order_events AS other
            WHERE other.order_id = event.order_id AND other.id <> event.id
                AND other.status IN ('refunded', 'cancelled')
        )
    """,
]
