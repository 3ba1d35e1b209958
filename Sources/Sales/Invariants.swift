public import Storage

/// The invariants of orders and reports.
///
/// Nearly all are sums that cancel out, so that each table is read once in storage order. See
/// docs/decisions/0003.
public let invariants: [Invariant] =
    orderInvariants + shipmentInvariants + returnInvariants + refundInvariants + reportInvariants

private let orderInvariants: [Invariant] = [
    // Gift cards are created in batches, so their location is the list.
    Invariant(
        "A stored response of sales refers to an order of its sender.",
        breaches: """
            SELECT 'the key of ' || location AS subject FROM idempotency_keys
            WHERE substr(location, 1, 7) = '/sales/' AND location NOT LIKE '/sales/%/%'
                AND location <> '/sales/gift-cards'
                AND NOT EXISTS (
                    SELECT orders.id FROM orders
                    WHERE orders.id = \(SQL(number: "substr(location, 8)"))
                        AND (COALESCE(orders.placed_by, orders.customer_id)
                            = idempotency_keys.caller_id
                            OR idempotency_keys.caller_id = 0 AND orders.guest_key IS NOT NULL)
                )
            """),
    Invariant(
        "An order's amounts are the sums of its lines.",
        sums: ["cost - said", "subtotal", "discount", "tax"], of: "order_id",
        in: """
            SELECT id AS order_id, subtotal, discount, tax - shipping_tax AS tax, 0 AS said,
                total - shipping - CASE WHEN tax_included = 1 THEN 0 ELSE shipping_tax END AS cost
            FROM orders
            UNION ALL
            SELECT order_id, -(unit_price * quantity), -discount, -tax,
                \(amount(ofLine: "order_lines.")), 0 FROM order_lines
            """,
        subject: """
            'order ' || order_id || ' costs ' || \(SQL(sum: "cost"))
                || ', its lines ' || \(SQL(sum: "said"))
            """),
    Invariant(
        "An order's total was debited from its buyer's wallet exactly once.",
        sums: ["cost - paid"], of: "order_id, customer_id",
        in: """
            SELECT id AS order_id, customer_id, total AS cost, 0 AS paid FROM orders
            WHERE paid_at IS NOT NULL
            UNION ALL
            SELECT order_id, customer_id, 0, -amount FROM wallet_entries WHERE kind = 'purchase'
            """,
        subject: """
            'order ' || order_id || ' costs ' || \(SQL(sum: "cost"))
                || ', the wallet paid ' || \(SQL(sum: "paid"))
            """),
    Invariant(
        "An order's units were taken from stock exactly once.",
        sums: ["units"], of: "order_id, product_id",
        in: """
            SELECT order_id, product_id, quantity AS units FROM order_lines
            UNION ALL
            SELECT order_id, product_id, delta FROM stock_movements WHERE kind = 'sold'
            """,
        subject: "'order ' || order_id || ' product ' || product_id"),
    Invariant(
        "An order's refunded amount is the sum of its lines' refunds and its shipping's.",
        sums: ["refunded - said"], of: "order_id",
        in: """
            SELECT id AS order_id, refunded, refunded_shipping AS said FROM orders
            UNION ALL
            SELECT order_id, 0, \(refund(ofLine: "order_lines.")) FROM order_lines
            WHERE refunded_quantity > 0 AND NOT EXISTS (
                SELECT id FROM orders
                WHERE id = order_lines.order_id AND payment_status = 'unpaid'
            )
            """,
        subject: "'order ' || order_id || ' refunded ' || \(SQL(sum: "refunded"))"),
    Invariant(
        "An order's refunded amount was credited to its buyer.",
        sums: ["refunded - got"], of: "order_id, customer_id",
        in: """
            SELECT id AS order_id, customer_id, refunded, 0 AS got FROM orders
            UNION ALL
            SELECT order_id, customer_id, 0, amount FROM wallet_entries WHERE kind = 'refund'
            """,
        subject: "'order ' || order_id || ' refunded ' || \(SQL(sum: "refunded"))"),
    Invariant(
        "An order is cancelled or refunded if and only if no unit of it is left.",
        breaches: """
            SELECT 'order ' || id || ' is ' || status AS subject FROM orders
            WHERE (status IN ('cancelled', 'refunded')) <> (NOT EXISTS (
                SELECT line.order_id FROM order_lines AS line
                WHERE line.order_id = orders.id AND line.refunded_quantity < line.quantity
            ))
            """),
    Invariant(
        "Each order that is not cancelled uses the coupon that it shows.",
        sums: ["shown - used"], of: "order_id",
        in: """
            SELECT id AS order_id, 1 AS shown, 0 AS used FROM orders
            WHERE coupon IS NOT NULL AND status <> 'cancelled'
            UNION ALL
            SELECT order_id, 0, 1 FROM coupon_uses WHERE given_back_at IS NULL
            """,
        subject: """
            'order ' || order_id || ' shows ' || \(SQL(sum: "shown")) || ' coupons, and uses '
                || \(SQL(sum: "used"))
            """),
    Invariant(
        "The use of a coupon belongs to an order that shows its code.",
        breaches: """
            SELECT 'order ' || used.order_id || ' uses the coupon ' || coupons.code AS subject
            FROM coupon_uses AS used JOIN coupons ON coupons.id = used.coupon_id
                LEFT JOIN orders ON orders.id = used.order_id
            WHERE orders.coupon IS NULL OR orders.coupon <> coupons.code
                OR orders.customer_id <> used.customer_id
            """),
    Invariant(
        "A pending order is unpaid, a paid one is not, and only a pending one waits for its payment.",
        breaches: """
            SELECT 'order ' || id || ' is ' || status AS subject FROM orders
            WHERE (status = 'pending' AND payment_status <> 'unpaid')
                OR ((status = 'paid' OR status = 'refunded') AND payment_status = 'unpaid')
                OR (hold_until IS NOT NULL AND status <> 'pending')
            """),
    Invariant(
        "The order of a claimed guest belongs to the account, and has no token.",
        breaches: """
            SELECT 'order ' || orders.id || ' of guest ' || guest.id AS subject
            FROM orders JOIN customers AS guest ON guest.id = orders.customer_id
            WHERE orders.claimed_by IS NOT NULL
                AND (COALESCE(guest.claimed_by, 0) <> orders.claimed_by
                    OR orders.order_token_hash IS NOT NULL)
            UNION
            SELECT 'order ' || orders.id || ' of guest ' || guest.id
            FROM customers AS guest JOIN orders ON orders.customer_id = guest.id
            WHERE guest.claimed_by IS NOT NULL AND orders.claimed_by IS NULL
            """),
    Invariant(
        "No more units of an order were restocked than refunded.",
        breaches: """
            SELECT 'order ' || movement.order_id || ' product ' || movement.product_id AS subject
            FROM stock_movements AS movement JOIN order_lines AS line
                ON line.order_id = movement.order_id AND line.product_id = movement.product_id
            WHERE movement.kind = 'returned'
            GROUP BY movement.order_id, movement.product_id, line.refunded_quantity
            HAVING \(SQL(sum: "movement.delta")) > line.refunded_quantity
            """),
    Invariant(
        "Each order that waits to be added to the daily totals exists.",
        breaches: """
            SELECT 'order ' || order_id AS subject FROM uncounted_orders
            WHERE NOT EXISTS (SELECT id FROM orders WHERE id = order_id)
            """),
    Invariant(
        "A day's report matches its orders, its products' totals and its refunds.",
        sums: ["orders", "units", "gross", "refunded", "discount", "shipping", "tax"], of: "day",
        in: """
            \(salesByDay)
            UNION ALL
            SELECT \(day(of: "paid_at")), -1, 0, -total, 0, -discount, -shipping, -tax
            FROM orders WHERE paid_at IS NOT NULL
            UNION ALL
            SELECT day, 0, -units, 0, 0, 0, 0, 0 FROM (\(salesByDayAndProduct)) AS products
            UNION ALL
            SELECT \(day(of: "created_at")), 0, 0, 0, -amount, 0, 0, 0 FROM order_events
            WHERE status = 'refunded' OR status = 'cancelled'
            """,
        subject: "'day ' || day"),
    Invariant(
        "A product's daily totals are the sum of its order lines.",
        sums: ["units", "gross"], of: "day, product_id",
        in: """
            \(salesByDayAndProduct)
            UNION ALL
            SELECT \(day(of: "orders.paid_at")), line.product_id, -line.quantity,
                -\(amount(ofLine: "line."))
            FROM order_lines AS line \(.orderedJoin) orders
            WHERE orders.id = line.order_id AND orders.paid_at IS NOT NULL
            """,
        subject: "'day ' || day || ' product ' || product_id"),
]
