import Storage

/// What orders of guests have besides.
///
/// `claimed_by` is the account that has verified the guest's address. `guest_key` is the folded
/// address and `guest_network` a keyed digest; both limit how many units guests hold.
let guestOrderTables: [SQL] = [
    "ALTER TABLE orders ADD COLUMN claimed_by \(.int64) REFERENCES customers (id)",
    "ALTER TABLE orders ADD COLUMN guest_key TEXT",
    "ALTER TABLE orders ADD COLUMN guest_network TEXT",
    """
    CREATE INDEX orders_by_claimer_age ON orders (claimed_by, created_at, id)
        WHERE claimed_by IS NOT NULL
    """,
    """
    CREATE INDEX orders_pending_by_guest ON orders (guest_key, id)
        WHERE guest_key IS NOT NULL AND status = 'pending'
    """,
    """
    CREATE INDEX orders_pending_by_network ON orders (guest_network, id)
        WHERE guest_network IS NOT NULL AND status = 'pending'
    """,
]
