public import Service

/// What holds for orders at any moment.
public let invariants: [Invariant] = [
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
                || COALESCE(-SUM(entry.amount), 0) AS subject
            FROM orders LEFT JOIN wallet_entries AS entry ON entry.order_id = orders.id
                AND entry.kind = 'purchase' AND entry.customer_id = orders.customer_id
            GROUP BY orders.id, total HAVING total <> COALESCE(-SUM(entry.amount), 0)
            """),
    Invariant(
        "What an order sold left the shelf, once.",
        breaches: """
            SELECT 'order ' || line.order_id || ' product ' || line.product_id AS subject
            FROM order_lines AS line LEFT JOIN stock_movements AS movement
                ON movement.order_id = line.order_id AND movement.product_id = line.product_id
                AND movement.kind = 'sold'
            GROUP BY line.order_id, line.product_id, line.quantity
            HAVING line.quantity <> COALESCE(-SUM(movement.delta), 0)
            """),
]
