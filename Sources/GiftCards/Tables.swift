public import Storage

/// The tables of gift cards.
///
/// No other slice writes them.
public let tables: [Migration] = [
    Migration("gift-cards/1 gift cards", giftCardTables),
    Migration(
        "gift-cards/9 amounts of open gift cards",
        [
            """
            CREATE INDEX gift_cards_open ON gift_cards (expires_at, amount) WHERE status = 'open'
            """
        ]),
]

private let giftCardTables: [SQL] = [
    // One row: the key of `code_hash` in base64url.
    """
    CREATE TABLE gift_card_keys (
        id \(.int64) PRIMARY KEY CONSTRAINT gift_card_keys_id CHECK (id = 1),
        hash_key TEXT NOT NULL
    ) \(.strict)
    """,
    // `wallet_entry_id` is the entry that credited the amount to the wallet of `redeemed_by`.
    """
    CREATE TABLE gift_cards (
        id \(.identity),
        code_hash TEXT NOT NULL CONSTRAINT gift_cards_code_hash_key UNIQUE,
        amount \(.int64) NOT NULL
            CONSTRAINT gift_cards_amount CHECK (amount BETWEEN 1 AND 100000000000),
        status TEXT NOT NULL CONSTRAINT gift_cards_status CHECK (
            status = 'open' OR status = 'redeemed' OR status = 'cancelled'),
        expires_at \(.int64),
        created_by \(.int64) NOT NULL REFERENCES customers (id),
        created_at \(.int64) NOT NULL,
        redeemed_by \(.int64) REFERENCES customers (id),
        redeemed_at \(.int64),
        wallet_entry_id \(.int64),
        cancelled_at \(.int64),
        CONSTRAINT gift_cards_redemption CHECK (
            (status = 'redeemed') = (redeemed_by IS NOT NULL)
            AND (redeemed_by IS NULL) = (redeemed_at IS NULL)),
        CONSTRAINT gift_cards_cancellation CHECK (
            (status = 'cancelled') = (cancelled_at IS NOT NULL))
    ) \(.strict)
    """,
    "CREATE INDEX gift_cards_by_status ON gift_cards (status, id)",
    """
    CREATE INDEX gift_cards_by_redeemer ON gift_cards (redeemed_by, id)
        WHERE redeemed_by IS NOT NULL
    """,
    """
    CREATE UNIQUE INDEX gift_cards_wallet_entry_id_key ON gift_cards (wallet_entry_id)
        WHERE wallet_entry_id IS NOT NULL
    """,
]
