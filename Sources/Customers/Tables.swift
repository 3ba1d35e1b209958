public import Storage

/// The tables of people and their money, oldest first.
///
/// No other slice writes them.
public let tables: [Migration] = [
    Migration(
        "customers/1 people, sessions and wallets",
        [
            """
            CREATE TABLE customers (
                id \(.identity),
                username TEXT NOT NULL UNIQUE,
                password_hash TEXT NOT NULL,
                full_name TEXT NOT NULL,
                age BIGINT,
                address TEXT,
                gender TEXT,
                marital_status TEXT,
                role TEXT NOT NULL
                    CONSTRAINT customers_role CHECK (role IN ('customer', 'moderator', 'staff', 'admin')),
                status TEXT NOT NULL
                    CONSTRAINT customers_status CHECK (status IN ('active', 'suspended', 'erased')),
                balance BIGINT NOT NULL DEFAULT 0
                    CONSTRAINT customers_balance CHECK (balance BETWEEN 0 AND 1000000000000000),
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX customers_by_role ON customers (role, id)",
            "CREATE INDEX customers_by_status ON customers (status, id)",
            "CREATE INDEX customers_by_role_and_status ON customers (role, status, id)",
            "CREATE INDEX customers_by_full_name ON customers (lower(full_name), id)",
            """
            CREATE TABLE sessions (
                id \(.identity),
                customer_id BIGINT NOT NULL REFERENCES customers (id),
                address TEXT NOT NULL,
                user_agent TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                last_seen_at BIGINT NOT NULL,
                expires_at BIGINT NOT NULL,
                ended_at BIGINT
            )
            """,
            "CREATE INDEX sessions_by_customer ON sessions (customer_id, id)",
            // Every refresh token ever given out in a session, as a hash, so that a second use is
            // known for what it is.
            """
            CREATE TABLE refresh_tokens (
                hash TEXT PRIMARY KEY,
                session_id BIGINT NOT NULL REFERENCES sessions (id),
                used_at BIGINT
            )
            """,
            "CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id)",
            // By name and not by customer: a name that nobody has is slowed down in the same way.
            """
            CREATE TABLE login_failures (
                username TEXT PRIMARY KEY,
                failures BIGINT NOT NULL,
                last_failed_at BIGINT NOT NULL,
                locked_until BIGINT NOT NULL
            )
            """,
            "CREATE INDEX login_failures_by_age ON login_failures (last_failed_at)",
            """
            CREATE TABLE wallet_entries (
                id \(.identity),
                customer_id BIGINT NOT NULL REFERENCES customers (id),
                amount BIGINT NOT NULL CONSTRAINT wallet_entries_amount CHECK (amount <> 0),
                balance_after BIGINT NOT NULL,
                kind TEXT NOT NULL CONSTRAINT wallet_entries_kind
                    CHECK (kind IN ('charged', 'deducted', 'purchase', 'refund')),
                order_id BIGINT,
                actor_id BIGINT NOT NULL REFERENCES customers (id),
                note TEXT,
                created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX wallet_entries_by_customer ON wallet_entries (customer_id, id)",
            // What staff did to what is another's, by whom; nothing here is ever changed.
            """
            CREATE TABLE audit_entries (
                id \(.identity),
                actor_id BIGINT NOT NULL REFERENCES customers (id),
                action TEXT NOT NULL,
                customer_id BIGINT NOT NULL REFERENCES customers (id),
                before_change TEXT,
                after_change TEXT,
                request_id TEXT NOT NULL,
                created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX audit_entries_by_customer ON audit_entries (customer_id, id)",
            "CREATE INDEX audit_entries_by_actor ON audit_entries (actor_id, id)",
        ]),
    // What was typed for a name was kept as it was typed. It cannot be made into digests here,
    // which have no key, so a day's failures are forgotten; the engine overwrites what it drops.
    Migration(
        "customers/2 failed logins by a digest of the name",
        [
            "DROP TABLE login_failures",
            """
            CREATE TABLE login_failures (
                name_digest TEXT PRIMARY KEY,
                failures BIGINT NOT NULL,
                last_failed_at BIGINT NOT NULL,
                locked_until BIGINT NOT NULL
            )
            """,
            "CREATE INDEX login_failures_by_age ON login_failures (last_failed_at)",
        ]),
    // A list of more than two constants behind IN is a table that the engine makes anew for each row,
    // and each purchase writes one.
    Migration(
        "customers/3 a ledger that is quicker to write",
        [
            "DROP INDEX wallet_entries_by_customer",
            "ALTER TABLE wallet_entries RENAME TO former_wallet_entries",
            """
            CREATE TABLE wallet_entries (
                id \(.serial),
                customer_id BIGINT NOT NULL REFERENCES customers (id),
                amount BIGINT NOT NULL CONSTRAINT wallet_entries_amount CHECK (amount <> 0),
                balance_after BIGINT NOT NULL,
                kind TEXT NOT NULL CONSTRAINT wallet_entries_kind CHECK (
                    kind = 'charged' OR kind = 'deducted' OR kind = 'purchase' OR kind = 'refund'),
                order_id BIGINT,
                actor_id BIGINT NOT NULL REFERENCES customers (id),
                note TEXT,
                created_at BIGINT NOT NULL
            )
            """,
            """
            INSERT INTO wallet_entries (id, customer_id, amount, balance_after, kind, order_id, actor_id,
                note, created_at)
            SELECT id, customer_id, amount, balance_after, kind, order_id, actor_id, note, created_at
            FROM former_wallet_entries ORDER BY id
            """,
            "DROP TABLE former_wallet_entries",
            "CREATE INDEX wallet_entries_by_customer ON wallet_entries (customer_id, id)",
        ]),
    // An engine may not know how to drop a NOT NULL, so the rows move into a new table.
    Migration(
        "customers/4 audit of the operator, who has no account and sends no request",
        [
            "ALTER TABLE audit_entries RENAME TO former_audit_entries",
            """
            CREATE TABLE audit_entries (
                id \(.serial),
                actor_id BIGINT REFERENCES customers (id),
                action TEXT NOT NULL,
                customer_id BIGINT NOT NULL REFERENCES customers (id),
                before_change TEXT,
                after_change TEXT,
                request_id TEXT,
                created_at BIGINT NOT NULL
            )
            """,
            """
            INSERT INTO audit_entries (id, actor_id, action, customer_id, before_change, after_change,
                request_id, created_at)
            SELECT id, actor_id, action, customer_id, before_change, after_change, request_id, created_at
            FROM former_audit_entries ORDER BY id
            """,
            "DROP TABLE former_audit_entries",
            "CREATE INDEX audit_entries_by_customer ON audit_entries (customer_id, id)",
            "CREATE INDEX audit_entries_by_actor ON audit_entries (actor_id, id)",
        ]),
    // Partial: of a million customers these hold the few whom a search among all would look for long.
    Migration(
        "customers/5 staff and the suspended by name",
        [
            """
            CREATE INDEX customers_above_by_username ON customers (role, username)
                WHERE role <> 'customer'
            """,
            """
            CREATE INDEX customers_above_by_full_name ON customers (role, lower(full_name), id)
                WHERE role <> 'customer'
            """,
            """
            CREATE INDEX customers_suspended_by_username ON customers (status, username)
                WHERE status = 'suspended'
            """,
            """
            CREATE INDEX customers_suspended_by_full_name ON customers (status, lower(full_name), id)
                WHERE status = 'suspended'
            """,
        ]),
    // Those that nobody has ended, of which some are past their time.
    Migration(
        "customers/6 open sessions by their end",
        [
            """
            CREATE INDEX sessions_open_by_expiry ON sessions (expires_at, id)
                WHERE ended_at IS NULL
            """
        ]),
]
