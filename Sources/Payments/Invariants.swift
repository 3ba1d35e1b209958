public import Storage

/// The invariants of payments, their events and their refunds.
public let invariants: [Invariant] = [
    Invariant(
        "A payment's captured amount is the sum of its events.",
        sums: ["captured"], of: "payment_id",
        in: """
            SELECT id AS payment_id, captured FROM payments
            UNION ALL
            SELECT COALESCE(payment_id, 0), -captured FROM payment_events
            """,
        subject: "'payment ' || payment_id"),
    Invariant(
        "A payment's refunded amount is the sum of its refunds, and at most what was captured.",
        sums: ["refunded"], of: "payment_id",
        in: """
            SELECT id AS payment_id, refunded FROM payments
            UNION ALL
            SELECT payment_id, -amount FROM refunds WHERE status IN ('pending', 'succeeded')
            """,
        subject: "'payment ' || payment_id"),
    Invariant(
        "Money that entered or left a wallet from outside is that of a payment or a refund.",
        sums: ["paid_in", "paid_out"], of: "payment_id, customer_id",
        in: """
            SELECT COALESCE(payment_id, 0) AS payment_id, customer_id,
                CASE WHEN kind = 'paid_in' THEN amount ELSE 0 END AS paid_in,
                CASE WHEN kind = 'paid_out' THEN amount ELSE 0 END AS paid_out
            FROM wallet_entries
            WHERE kind = 'paid_in' OR kind = 'paid_out' OR payment_id IS NOT NULL
            UNION ALL
            SELECT id, customer_id, -captured, 0 FROM payments
            UNION ALL
            SELECT refunds.payment_id, payments.customer_id,
                CASE WHEN refunds.status IN ('failed', 'rejected') THEN -refunds.debited ELSE 0 END,
                refunds.debited
            FROM refunds \(.orderedJoin) payments WHERE payments.id = refunds.payment_id
            """,
        subject: "'payment ' || payment_id || ' of customer ' || customer_id"),
    Invariant(
        "A payment without money has no time at which it came.",
        breaches: """
            SELECT 'payment ' || id AS subject FROM payments
            WHERE captured_at IS NULL
                AND (captured > 0 OR status IN ('captured', 'mismatch', 'disputed'))
            """),
]
