import Storage

/// The ledger with the kinds of entries of payments, and with the payment of an entry.
let walletEntriesOfPayments: [SQL] = [
    // `kind` is compared with OR, because SQLite builds a table for each check of an IN list with
    // more than two constants.
    """
    CREATE TABLE new_wallet_entries (
        id \(.serial),
        customer_id \(.int64) NOT NULL REFERENCES customers (id),
        amount \(.int64) NOT NULL CONSTRAINT wallet_entries_amount CHECK (
            amount <> 0 AND amount BETWEEN -1000000000000000 AND 1000000000000000),
        balance_after \(.int64) NOT NULL,
        kind TEXT NOT NULL CONSTRAINT wallet_entries_kind CHECK (
            kind = 'credited' OR kind = 'debited' OR kind = 'purchase' OR kind = 'refund'
            OR kind = 'paid_in' OR kind = 'paid_out' OR kind = 'gift_card'),
        order_id \(.int64),
        payment_id \(.int64),
        actor_id \(.int64) NOT NULL REFERENCES customers (id),
        note TEXT,
        created_at \(.int64) NOT NULL
    ) \(.strict)
    """,
    """
    INSERT INTO new_wallet_entries (id, customer_id, amount, balance_after, kind, order_id,
        actor_id, note, created_at)
    SELECT id, customer_id, amount, balance_after, kind, order_id, actor_id, note, created_at
    FROM wallet_entries ORDER BY id
    """,
    "DROP TABLE wallet_entries",
    "ALTER TABLE new_wallet_entries RENAME TO wallet_entries",
    "CREATE INDEX wallet_entries_by_customer ON wallet_entries (customer_id, id)",
]
