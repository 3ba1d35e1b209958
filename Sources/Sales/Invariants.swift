public import Service

/// What holds for orders at any moment.
///
/// Ledgers are summed up by order first and compared then: looked for order by order, one buyer's
/// entries would be read as often as they have orders.
public let invariants: [Invariant] = [
    Invariant(
        "The answer that an idempotency key repeats is of an order of its sender.",
        breaches: """
            SELECT 'the key of ' || location AS subject FROM idempotency_keys
            WHERE substr(location, 1, 7) = '/sales/' AND NOT EXISTS (
                SELECT orders.id FROM orders
                WHERE orders.id = CAST(substr(location, 8) AS BIGINT)
                    AND orders.customer_id = idempotency_keys.caller_id
            )
            """),
    Invariant(
        "An order costs the sum of its lines.",
        breaches: """
            SELECT 'order ' || orders.id || ' costs ' || total || ', its lines '
                || COALESCE(SUM(line.unit_price * line.quantity), 0) AS subject
            FROM orders LEFT JOIN order_lines AS line ON line.order_id = orders.id
            GROUP BY orders.id, total HAVING total <> COALESCE(SUM(line.unit_price * line.quantity), 0)
            """),
    Invariant(
        "What an order costs was taken from its buyer's wallet, once.",
        breaches: """
            SELECT 'order ' || orders.id || ' costs ' || total || ', the wallet paid '
                || COALESCE(paid.amount, 0) AS subject
            FROM orders LEFT JOIN (
                SELECT order_id, customer_id, -SUM(amount) AS amount FROM wallet_entries
                WHERE kind = 'purchase' GROUP BY order_id, customer_id
            ) AS paid ON paid.order_id = orders.id AND paid.customer_id = orders.customer_id
            WHERE total <> COALESCE(paid.amount, 0)
            """),
    Invariant(
        "What an order sold left the shelf, once.",
        breaches: """
            SELECT 'order ' || line.order_id || ' product ' || line.product_id AS subject
            FROM order_lines AS line LEFT JOIN (
                SELECT order_id, product_id, -SUM(delta) AS units FROM stock_movements
                WHERE kind = 'sold' GROUP BY order_id, product_id
            ) AS sold ON sold.order_id = line.order_id AND sold.product_id = line.product_id
            WHERE line.quantity <> COALESCE(sold.units, 0)
            """),
    Invariant(
        "What an order refunded is what its lines refunded, and what its buyer got.",
        breaches: """
            SELECT 'order ' || orders.id || ' refunded ' || orders.refunded AS subject
            FROM orders LEFT JOIN (
                SELECT order_id, customer_id, SUM(amount) AS amount FROM wallet_entries
                WHERE kind = 'refund' GROUP BY order_id, customer_id
            ) AS returned
                ON returned.order_id = orders.id AND returned.customer_id = orders.customer_id
            WHERE orders.refunded <> COALESCE(returned.amount, 0) OR orders.refunded <> (
                SELECT COALESCE(SUM(line.unit_price * line.refunded), 0) FROM order_lines AS line
                WHERE line.order_id = orders.id
            )
            """),
    Invariant(
        "An order is cancelled or refunded once nothing of it is left, and only then.",
        breaches: """
            SELECT 'order ' || id || ' is ' || status AS subject FROM orders
            WHERE (status IN ('cancelled', 'refunded')) <> (NOT EXISTS (
                SELECT line.order_id FROM order_lines AS line
                WHERE line.order_id = orders.id AND line.refunded < line.quantity
            ))
            """),
    Invariant(
        "No more of an order came back to the shelf than was refunded.",
        breaches: """
            SELECT 'order ' || movement.order_id || ' product ' || movement.product_id AS subject
            FROM stock_movements AS movement JOIN order_lines AS line
                ON line.order_id = movement.order_id AND line.product_id = movement.product_id
            WHERE movement.kind = 'returned'
            GROUP BY movement.order_id, movement.product_id, line.refunded
            HAVING SUM(movement.delta) > line.refunded
            """),
    Invariant(
        "A day's report is the sum of its orders and refunds.",
        breaches: """
            SELECT 'day ' || day AS subject FROM (
                SELECT day, orders, units, gross, refunded FROM sales_by_day
                UNION ALL
                SELECT created_at / 86400000, -1, 0, -total, 0 FROM orders
                UNION ALL
                SELECT orders.created_at / 86400000, 0, -line.quantity, 0, 0
                FROM order_lines AS line JOIN orders ON orders.id = line.order_id
                UNION ALL
                SELECT created_at / 86400000, 0, 0, 0, -amount FROM order_events
            ) AS entry GROUP BY day
            HAVING SUM(orders) <> 0 OR SUM(units) <> 0 OR SUM(gross) <> 0 OR SUM(refunded) <> 0
            """),
    Invariant(
        "A product's part of a day's report is the sum of its lines.",
        breaches: """
            SELECT 'day ' || day || ' product ' || product_id AS subject FROM (
                SELECT day, product_id, units, gross FROM sales_by_day_and_product
                UNION ALL
                SELECT orders.created_at / 86400000, line.product_id, -line.quantity,
                    -line.quantity * line.unit_price
                FROM order_lines AS line JOIN orders ON orders.id = line.order_id
            ) AS entry GROUP BY day, product_id HAVING SUM(units) <> 0 OR SUM(gross) <> 0
            """),
]
