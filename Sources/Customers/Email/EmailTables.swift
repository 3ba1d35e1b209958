import Storage

/// The addresses of customers, and the tokens that are sent to them.
let emailTables: [SQL] = [
    "ALTER TABLE customers ADD COLUMN email TEXT",
    // `emailKey` of the address.
    "ALTER TABLE customers ADD COLUMN email_key TEXT",
    "ALTER TABLE customers ADD COLUMN email_verified_at \(.int64)",
    "ALTER TABLE customers ADD COLUMN pending_email TEXT",
    """
    CREATE UNIQUE INDEX customers_email_key_key ON customers (email_key)
        WHERE email_key IS NOT NULL
    """,
    // Rows stay for a day, because the messages of an hour are counted. `used_at` is also the time
    // when a token became void.
    """
    CREATE TABLE one_time_tokens (
        hash TEXT NOT NULL PRIMARY KEY,
        customer_id \(.int64) NOT NULL REFERENCES customers (id),
        purpose TEXT NOT NULL CONSTRAINT one_time_tokens_purpose
            CHECK (purpose IN ('email_verification', 'password_reset')),
        email TEXT NOT NULL,
        created_at \(.int64) NOT NULL,
        expires_at \(.int64) NOT NULL,
        used_at \(.int64)
    ) \(.strict)
    """,
    "CREATE INDEX one_time_tokens_by_customer ON one_time_tokens (customer_id, created_at)",
]

/// The courier deletes old tokens.
let oneTimeTokensByAge: [SQL] = [
    "CREATE INDEX one_time_tokens_by_age ON one_time_tokens (created_at)"
]

let verificationMailTable: [SQL] = [
    // Verification messages of the last day, by a keyed digest of the address (`VerificationLimit`).
    """
    CREATE TABLE verification_mails (
        id \(.identity),
        address_digest TEXT NOT NULL,
        sent_at \(.int64) NOT NULL
    ) \(.strict)
    """,
    """
    CREATE INDEX verification_mails_by_address ON verification_mails (address_digest, sent_at)
    """,
    "CREATE INDEX verification_mails_by_age ON verification_mails (sent_at, id)",
]
