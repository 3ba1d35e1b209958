public import Storage

/// The tables of customers, their sessions, their wallets and the audit log.
///
/// No other slice writes them.
public let tables: [Migration] = [
    Migration(
        "customers/1 customers, sessions, wallets and audit",
        customerTables + sessionTables + walletTables + auditTables),
    Migration("customers/2 API keys and second factors", apiKeyTables + secondFactorTables),
    Migration("customers/3 e-mail addresses and one-time tokens", emailTables),
    Migration(
        "customers/4 payments in wallets", walletEntriesOfPayments,
        numberedTables: ["wallet_entries"]),
    Migration("customers/5 postal addresses", addressTables),
    Migration("customers/6 guests", guestTables),
    Migration("customers/7 sum of the wallets", walletTotalsTable),
    Migration(
        "customers/8 one-time tokens by age, no keys of suspended accounts",
        oneTimeTokensByAge + [
            """
            DELETE FROM api_keys WHERE customer_id IN (
                SELECT id FROM customers WHERE status = 'suspended'
            )
            """
        ]),
    Migration("customers/9 verification messages by address", verificationMailTable),
]

private let customerTables: [SQL] = [
    // `name_key` is `foldedKey` of the name: searches compare with it.
    """
    CREATE TABLE customers (
        id \(.identity),
        username TEXT NOT NULL CONSTRAINT customers_username_key UNIQUE,
        password_hash TEXT NOT NULL,
        full_name TEXT NOT NULL,
        name_key TEXT NOT NULL,
        age \(.int64),
        address TEXT,
        gender TEXT,
        marital_status TEXT,
        role TEXT NOT NULL
            CONSTRAINT customers_role CHECK (role IN ('customer', 'moderator', 'staff', 'admin')),
        status TEXT NOT NULL
            CONSTRAINT customers_status CHECK (status IN ('active', 'suspended', 'erased')),
        balance \(.int64) NOT NULL DEFAULT 0
            CONSTRAINT customers_balance CHECK (balance BETWEEN 0 AND 1000000000000000),
        created_at \(.int64) NOT NULL,
        updated_at \(.int64) NOT NULL
    ) \(.strict)
    """,
    "CREATE INDEX customers_by_role ON customers (role, id)",
    "CREATE INDEX customers_by_status ON customers (status, id)",
    "CREATE INDEX customers_by_role_and_status ON customers (role, status, id)",
    "CREATE INDEX customers_by_full_name ON customers (name_key, id)",
    // Partial indexes that contain only the few rows that a search among a million customers looks
    // for.
    """
    CREATE INDEX customers_above_by_username ON customers (role, username)
        WHERE role <> 'customer'
    """,
    """
    CREATE INDEX customers_above_by_full_name ON customers (role, name_key, id)
        WHERE role <> 'customer'
    """,
    """
    CREATE INDEX customers_suspended_by_username ON customers (status, username)
        WHERE status = 'suspended'
    """,
    """
    CREATE INDEX customers_suspended_by_full_name ON customers (status, name_key, id)
        WHERE status = 'suspended'
    """,
]

private let sessionTables: [SQL] = [
    """
    CREATE TABLE sessions (
        id \(.identity),
        customer_id \(.int64) NOT NULL REFERENCES customers (id),
        ip_address TEXT NOT NULL,
        user_agent TEXT NOT NULL,
        created_at \(.int64) NOT NULL,
        last_seen_at \(.int64) NOT NULL,
        expires_at \(.int64) NOT NULL,
        ended_at \(.int64)
    ) \(.strict)
    """,
    "CREATE INDEX sessions_by_customer ON sessions (customer_id, id)",
    // A login ends the live session that was used longest ago if there are too many.
    """
    CREATE INDEX sessions_open_by_customer ON sessions (customer_id, last_seen_at, id)
        WHERE ended_at IS NULL
    """,
    // Sessions that have not ended; some of them have expired.
    """
    CREATE INDEX sessions_open_by_expiry ON sessions (expires_at, id)
        WHERE ended_at IS NULL
    """,
    // Digests of all refresh tokens of a session, used ones too, so that reuse is detected.
    """
    CREATE TABLE refresh_tokens (
        hash TEXT NOT NULL PRIMARY KEY,
        session_id \(.int64) NOT NULL REFERENCES sessions (id),
        used_at \(.int64)
    ) \(.strict)
    """,
    "CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id)",
    // By name, not by customer, so that unknown usernames are slowed down in the same way. Keyed
    // digests keep entered text and addresses out of the database. An empty `network_digest` counts
    // the failures from all unknown networks together. `id` gives the age of a row, which limits
    // the size of the table.
    """
    CREATE TABLE login_failures (
        id \(.identity),
        name_digest TEXT NOT NULL,
        network_digest TEXT NOT NULL,
        failures \(.int64) NOT NULL,
        last_failed_at \(.int64) NOT NULL,
        locked_until \(.int64) NOT NULL,
        CONSTRAINT login_failures_name_digest_network_digest_key
            UNIQUE (name_digest, network_digest)
    ) \(.strict)
    """,
    "CREATE INDEX login_failures_by_age ON login_failures (last_failed_at)",
    // Networks from which an account has logged in. Failures of strangers do not lock them.
    """
    CREATE TABLE login_networks (
        customer_id \(.int64) NOT NULL REFERENCES customers (id),
        network_digest TEXT NOT NULL,
        last_login_at \(.int64) NOT NULL,
        PRIMARY KEY (customer_id, network_digest)
    ) \(.strict)
    """,
    "CREATE INDEX login_networks_by_age ON login_networks (customer_id, last_login_at)",
]

private let walletTables: [SQL] = [
    // `kind` is compared with OR, because SQLite builds a table for each check of an IN list with
    // more than two constants.
    """
    CREATE TABLE wallet_entries (
        id \(.serial),
        customer_id \(.int64) NOT NULL REFERENCES customers (id),
        amount \(.int64) NOT NULL CONSTRAINT wallet_entries_amount CHECK (
            amount <> 0 AND amount BETWEEN -1000000000000000 AND 1000000000000000),
        balance_after \(.int64) NOT NULL,
        kind TEXT NOT NULL CONSTRAINT wallet_entries_kind CHECK (
            kind = 'credited' OR kind = 'debited' OR kind = 'purchase' OR kind = 'refund'),
        order_id \(.int64),
        actor_id \(.int64) NOT NULL REFERENCES customers (id),
        note TEXT,
        created_at \(.int64) NOT NULL
    ) \(.strict)
    """,
    "CREATE INDEX wallet_entries_by_customer ON wallet_entries (customer_id, id)",
]

private let auditTables: [SQL] = [
    // Rows are never changed. The operator has no account and sends no request, so `actor_id` and
    // `request_id` may be NULL. `customer_id` is NULL for the catalogue. `subject` is a path, such
    // as /inventory/7, and NULL for an account.
    """
    CREATE TABLE audit_entries (
        id \(.serial),
        actor_id \(.int64) REFERENCES customers (id),
        action TEXT NOT NULL,
        customer_id \(.int64) REFERENCES customers (id),
        subject TEXT,
        before_change TEXT,
        after_change TEXT,
        request_id TEXT,
        created_at \(.int64) NOT NULL
    ) \(.strict)
    """,
    "CREATE INDEX audit_entries_by_customer ON audit_entries (customer_id, id)",
    "CREATE INDEX audit_entries_by_actor ON audit_entries (actor_id, id)",
    """
    CREATE INDEX audit_entries_by_subject ON audit_entries (subject, id)
        WHERE subject IS NOT NULL
    """,
]

private let apiKeyTables: [SQL] = [
    // `prefix` is public and finds the key. `hash` is a BLAKE2b hash of the whole key, and `scopes`
    // a list with spaces. A revoked key is deleted; the audit log keeps its prefix.
    """
    CREATE TABLE api_keys (
        id \(.identity),
        customer_id \(.int64) NOT NULL REFERENCES customers (id),
        name TEXT NOT NULL,
        prefix TEXT NOT NULL CONSTRAINT api_keys_prefix_key UNIQUE,
        hash TEXT NOT NULL,
        scopes TEXT NOT NULL,
        created_at \(.int64) NOT NULL,
        last_used_at \(.int64),
        expires_at \(.int64)
    ) \(.strict)
    """,
    "CREATE INDEX api_keys_by_customer ON api_keys (customer_id, id)",
]

private let secondFactorTables: [SQL] = [
    // `secret` is encrypted with a key of the shop. `last_step` is that of the last code that was
    // accepted. Without `confirmed_at` the second factor is not in force.
    """
    CREATE TABLE second_factors (
        customer_id \(.int64) PRIMARY KEY REFERENCES customers (id),
        secret TEXT NOT NULL,
        confirmed_at \(.int64),
        last_step \(.int64) NOT NULL,
        created_at \(.int64) NOT NULL
    ) \(.strict)
    """,
    // A used code is deleted.
    """
    CREATE TABLE recovery_codes (
        customer_id \(.int64) NOT NULL REFERENCES customers (id),
        hash TEXT NOT NULL,
        PRIMARY KEY (customer_id, hash)
    ) \(.keyed)
    """,
]
