import Storage

/// The rows of guests, who buy without an account.
///
/// A guest is a customer without a password: the wallet, the ledgers and the names of actors work as
/// for an account. No password matches an empty hash, and the CHECK allows guests no role and no
/// address of their own, so nobody can log in as one. `claimed_by` is the account that has verified
/// the guest's address.
///
/// The indexes of lists leave guests out, who may be more than the accounts.
let guestTables: [SQL] = [
    "ALTER TABLE customers ADD COLUMN guest_email TEXT",
    // `emailKey` of the address.
    """
    ALTER TABLE customers ADD COLUMN guest_email_key TEXT CONSTRAINT customers_guest CHECK (
        guest_email_key IS NULL OR role = 'customer' AND password_hash = ''
            AND email_key IS NULL AND pending_email IS NULL)
    """,
    // Without a reference: a copy of the shop adds the guest before an account with a higher id.
    "ALTER TABLE customers ADD COLUMN claimed_by \(.int64)",
    """
    CREATE INDEX customers_guests_by_email ON customers (guest_email_key, id)
        WHERE guest_email_key IS NOT NULL
    """,
    "CREATE INDEX customers_guests ON customers (id) WHERE guest_email_key IS NOT NULL",
    """
    CREATE INDEX customers_guests_by_claimer ON customers (claimed_by, id)
        WHERE claimed_by IS NOT NULL
    """,
    "CREATE INDEX customers_accounts ON customers (id) WHERE guest_email_key IS NULL",
    """
    CREATE INDEX customers_accounts_by_username ON customers (username)
        WHERE guest_email_key IS NULL
    """,
    "DROP INDEX customers_by_role",
    "DROP INDEX customers_by_status",
    "DROP INDEX customers_by_role_and_status",
    "CREATE INDEX customers_by_role ON customers (role, id) WHERE guest_email_key IS NULL",
    "CREATE INDEX customers_by_status ON customers (status, id) WHERE guest_email_key IS NULL",
    """
    CREATE INDEX customers_by_role_and_status ON customers (role, status, id)
        WHERE guest_email_key IS NULL
    """,
]
