import Storage

/// The invariants of shipments.
let shipmentInvariants: [Invariant] = [
    Invariant(
        "The shipped units of an order line are those of its shipments.",
        sums: ["held - sent"], of: "order_id, product_id",
        in: """
            SELECT order_id, product_id, shipped_quantity AS held, 0 AS sent FROM order_lines
            WHERE shipped_quantity <> 0
            UNION ALL
            SELECT order_id, product_id, 0, quantity FROM shipment_lines
            """,
        subject: """
            'order ' || order_id || ' product ' || product_id || ' counts ' || \(SQL(sum: "held"))
                || ' shipped units, its shipments ' || \(SQL(sum: "sent"))
            """),
    Invariant(
        "The shipments of an order are numbered from 1 without gaps, and each has units.",
        breaches: """
            SELECT 'order ' || order_id || ' shipment ' || number AS subject FROM shipments
            WHERE number > 1 AND NOT EXISTS (
                SELECT former.number FROM shipments AS former
                WHERE former.order_id = shipments.order_id
                    AND former.number = shipments.number - 1
            ) OR NOT EXISTS (
                SELECT line.number FROM shipment_lines AS line
                WHERE line.order_id = shipments.order_id AND line.number = shipments.number
            )
            """),
    Invariant(
        "An order's fulfillment follows from its shipped and refunded units.",
        breaches: """
            SELECT 'order ' || id || ' is ' || fulfillment_status AS subject FROM orders
            WHERE fulfillment_status <> CASE
                WHEN NOT EXISTS (
                    SELECT line.order_id FROM order_lines AS line
                    WHERE line.order_id = orders.id AND line.shipped_quantity > 0
                ) THEN 'unfulfilled'
                WHEN EXISTS (
                    SELECT line.order_id FROM order_lines AS line
                    WHERE line.order_id = orders.id AND line.requires_shipping = 1
                        AND line.shipped_quantity + line.refunded_quantity
                            - line.returned_quantity < line.quantity
                ) THEN 'partial'
                ELSE 'fulfilled' END
            """),
    Invariant(
        "An order is shipped or delivered when it is fulfilled, and has the time of its delivery.",
        breaches: """
            SELECT 'order ' || id || ' is ' || status || ' and ' || fulfillment_status AS subject
            FROM orders
            WHERE status IN ('shipped', 'delivered') AND fulfillment_status <> 'fulfilled'
                OR status = 'delivered' AND delivered_at IS NULL
                OR status IN ('pending', 'paid') AND fulfillment_status = 'fulfilled'
            """),
]
