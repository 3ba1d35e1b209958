public import Service

/// What holds for people and their money at any moment.
public let invariants: [Invariant] = [
    Invariant(
        "Whoever has an idempotency key is a customer, or sent it without a token.",
        breaches: """
            SELECT 'a key of customer ' || caller_id AS subject FROM idempotency_keys
            WHERE caller_id <> 0
                AND NOT EXISTS (SELECT id FROM customers WHERE customers.id = caller_id)
            """),
    Invariant(
        "A wallet holds the sum of its ledger.",
        breaches: """
            SELECT 'customer ' || customers.id || ' holds ' || balance || ', the ledger says '
                || COALESCE(SUM(entry.amount), 0) AS subject
            FROM customers LEFT JOIN wallet_entries AS entry ON entry.customer_id = customers.id
            GROUP BY customers.id, balance HAVING balance <> COALESCE(SUM(entry.amount), 0)
            """),
    Invariant(
        "Each entry of a wallet's ledger goes on from the one before.",
        breaches: """
            SELECT 'wallet entry ' || id AS subject FROM (
                SELECT id, amount, balance_after,
                    LAG(balance_after, 1, 0) OVER (PARTITION BY customer_id ORDER BY id) AS balance_before
                FROM wallet_entries
            ) AS entry WHERE balance_before + amount <> balance_after
            """),
    Invariant(
        "An erased account holds no money.",
        breaches: """
            SELECT 'customer ' || id || ' holds ' || balance AS subject FROM customers
            WHERE status = 'erased' AND balance <> 0
            """),
    Invariant(
        "A session that has ended has no refresh token.",
        breaches: """
            SELECT 'session ' || sessions.id AS subject
            FROM sessions JOIN refresh_tokens ON refresh_tokens.session_id = sessions.id
            WHERE sessions.ended_at IS NOT NULL
            """),
]
