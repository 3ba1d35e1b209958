public import Storage
import Words

/// The invariants of customers, sessions and wallets.
public let invariants: [Invariant] = [
    Invariant(
        "Each idempotency key belongs to a customer or to an anonymous client.",
        breaches: """
            SELECT 'a key of customer ' || caller_id AS subject FROM idempotency_keys
            WHERE caller_id <> 0
                AND NOT EXISTS (SELECT id FROM customers WHERE customers.id = caller_id)
            """),
    Invariant(
        "A wallet's balance is the sum of its ledger.",
        sums: ["held - said"], of: "customer_id",
        in: """
            SELECT id AS customer_id, balance AS held, 0 AS said FROM customers
            UNION ALL
            SELECT customer_id, 0, amount FROM wallet_entries
            """,
        subject: """
            'customer ' || customer_id || ' holds ' || \(SQL(sum: "held"))
                || ', the ledger says ' || \(SQL(sum: "said"))
            """),
    .walletTotals,
    Invariant(
        "Each wallet entry continues from the balance of the entry before.",
        breaches: """
            SELECT 'wallet entry ' || id AS subject FROM (
                SELECT id, amount, balance_after,
                    \(.previous("wallet_entries", key: "customer_id", value: "balance_after"))
                        AS balance_before
                FROM wallet_entries ORDER BY id
            ) AS entry WHERE balance_before + amount <> balance_after
            """),
    Invariant(
        "A customer's search key matches their name.",
        rows: "SELECT id, full_name, name_key FROM customers"
    ) { row in
        try foldedKey(row["full_name"]) == row["name_key"]
            ? nil : "customer \(try row["id"] as Int64)"
    },
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
    Invariant(
        "An account has at most 100 sessions that have not ended.",
        breaches: """
            SELECT 'customer ' || customer_id || ' has ' || COUNT(*) AS subject FROM sessions
            WHERE ended_at IS NULL GROUP BY customer_id HAVING COUNT(*) > 100
            """),
    Invariant(
        "An account has at most 20 API keys, and an erased account has none.",
        breaches: """
            SELECT 'customer ' || customer_id || ' has ' || COUNT(*) AS subject
            FROM api_keys JOIN customers ON customers.id = customer_id
            GROUP BY customer_id, status
            HAVING COUNT(*) > 20 OR status = 'erased'
            """),
    Invariant(
        "A guest has no session, API key, token, second factor or address.",
        breaches: """
            SELECT 'guest ' || guest.id AS subject FROM customers AS guest
            WHERE guest.guest_email_key IS NOT NULL AND (
                EXISTS (SELECT id FROM sessions WHERE customer_id = guest.id)
                OR EXISTS (SELECT id FROM api_keys WHERE customer_id = guest.id)
                OR EXISTS (SELECT hash FROM one_time_tokens WHERE customer_id = guest.id)
                OR EXISTS (
                    SELECT customer_id FROM second_factors WHERE customer_id = guest.id)
                OR EXISTS (SELECT id FROM addresses WHERE customer_id = guest.id))
            """),
    Invariant(
        "A guest is claimed by an account.",
        breaches: """
            SELECT 'guest ' || guest.id AS subject
            FROM customers AS guest LEFT JOIN customers AS account ON account.id = guest.claimed_by
            WHERE guest.claimed_by IS NOT NULL
                AND (guest.guest_email_key IS NULL OR account.id IS NULL
                    OR account.guest_email_key IS NOT NULL OR account.status = 'erased')
            """),
    Invariant(
        "A customer has at most 50 addresses, and an erased account has none.",
        breaches: """
            SELECT 'customer ' || customer_id || ' has ' || COUNT(*) AS subject
            FROM addresses JOIN customers ON customers.id = customer_id
            GROUP BY customer_id, status
            HAVING COUNT(*) > 50 OR status = 'erased'
            """),
    Invariant(
        "A recovery code belongs to a second factor in force, and an erased account has none.",
        breaches: """
            SELECT 'customer ' || recovery_codes.customer_id AS subject FROM recovery_codes
                LEFT JOIN second_factors
                    ON second_factors.customer_id = recovery_codes.customer_id
            WHERE second_factors.confirmed_at IS NULL
            UNION
            SELECT 'customer ' || customer_id FROM second_factors
                JOIN customers ON customers.id = customer_id
            WHERE status = 'erased'
            """),
]
