import Storage

/// The invariants of returns.
let returnInvariants: [Invariant] = [
    Invariant(
        "The returned units of an order line are the received ones of its returns.",
        sums: ["held - came"], of: "order_id, product_id",
        in: """
            SELECT order_id, product_id, returned_quantity AS held, 0 AS came FROM order_lines
            WHERE returned_quantity <> 0
            UNION ALL
            SELECT order_id, product_id, 0, received_quantity FROM order_return_lines
            WHERE received_quantity <> 0
            """,
        subject: """
            'order ' || order_id || ' product ' || product_id || ' counts ' || \(SQL(sum: "held"))
                || ' returned units, its returns ' || \(SQL(sum: "came"))
            """),
    Invariant(
        "Every returned unit was refunded.",
        breaches: """
            SELECT 'order ' || order_id || ' product ' || product_id AS subject FROM order_lines
            WHERE returned_quantity > refunded_quantity
            """),
    Invariant(
        "The returns of an order are numbered from 1 without gaps, and each has units of its order.",
        breaches: """
            SELECT 'order ' || order_id || ' return ' || number AS subject FROM order_returns
            WHERE number > 1 AND NOT EXISTS (
                SELECT former.number FROM order_returns AS former
                WHERE former.order_id = order_returns.order_id
                    AND former.number = order_returns.number - 1
            ) OR NOT EXISTS (
                SELECT line.return_id FROM order_return_lines AS line
                WHERE line.return_id = order_returns.id
            ) OR EXISTS (
                SELECT line.return_id FROM order_return_lines AS line
                WHERE line.return_id = order_returns.id
                    AND line.order_id <> order_returns.order_id
            )
            """),
    Invariant(
        "A return is received if and only if units of it came back.",
        breaches: """
            SELECT 'order ' || order_id || ' return ' || number || ' is ' || status AS subject
            FROM order_returns
            WHERE (status = 'received') <> (EXISTS (
                SELECT line.return_id FROM order_return_lines AS line
                WHERE line.return_id = order_returns.id AND line.received_quantity > 0
            ))
            """),
]
