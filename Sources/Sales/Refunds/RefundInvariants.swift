import Storage

/// The invariants of the units of refunds.
///
/// Orders with several refunds from before `refund_lines` have no rows in it.
let refundInvariants: [Invariant] = [
    Invariant(
        "The refunded units of an order line are those of its refunds, each of which has an event.",
        breaches: """
            SELECT 'order ' || refund.order_id || ' product ' || refund.product_id || ' counts '
                || line.refunded_quantity || ' refunded units, its refunds '
                || \(SQL(sum: "refund.quantity")) AS subject
            FROM refund_lines AS refund JOIN order_lines AS line
                ON line.order_id = refund.order_id AND line.product_id = refund.product_id
            GROUP BY refund.order_id, refund.product_id, line.refunded_quantity
            HAVING \(SQL(sum: "refund.quantity")) <> line.refunded_quantity
                OR COUNT(refund.event_id) < COUNT(*)
            """)
]
