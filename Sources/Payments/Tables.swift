public import Storage

/// The tables of payments, their events and their refunds.
///
/// No other slice writes them.
public let tables: [Migration] = [
    Migration(
        "payments/1 payments, events and refunds", paymentTables + eventTables + refundTables),
    // What staff write about money that they have received, such as the number of a statement.
    Migration("payments/2 references", ["ALTER TABLE payments ADD COLUMN reference TEXT"]),
    // What staff have to pay back themselves.
    Migration(
        "payments/3 refunds by hand",
        [
            """
            CREATE INDEX payments_refunded_by_hand ON payments (id)
                WHERE provider = 'manual' AND refunded > 0
            """
        ]),
]

private let paymentTables: [SQL] = [
    // `ref` names the payment to the provider. It is random, because a restored backup gives ids out
    // again. `order_id` is NULL for a top-up of a wallet.
    //
    // `captured` is what came and was credited to the wallet, `refunded` what went back or is on
    // its way. `provider_refunded` is the highest sum that the provider has reported. `captured_at`
    // is set once, by the first event that reports the money. `provider_id` is the provider's
    // session, `provider_payment` its payment.
    """
    CREATE TABLE payments (
        id \(.identity),
        ref TEXT NOT NULL CONSTRAINT payments_ref_key UNIQUE,
        customer_id \(.int64) NOT NULL REFERENCES customers (id),
        order_id \(.int64),
        method TEXT NOT NULL,
        provider TEXT NOT NULL,
        status TEXT NOT NULL CONSTRAINT payments_status CHECK (
            status = 'pending' OR status = 'captured' OR status = 'failed' OR status = 'expired'
            OR status = 'mismatch' OR status = 'disputed'),
        amount \(.int64) NOT NULL
            CONSTRAINT payments_amount CHECK (amount BETWEEN 1 AND 1000000000000000),
        captured \(.int64) NOT NULL
            CONSTRAINT payments_captured CHECK (captured BETWEEN 0 AND 1000000000000000),
        refunded \(.int64) NOT NULL
            CONSTRAINT payments_refunded CHECK (refunded BETWEEN 0 AND captured),
        provider_refunded \(.int64) NOT NULL,
        currency TEXT NOT NULL,
        return_url TEXT,
        url TEXT,
        provider_id TEXT,
        provider_payment TEXT,
        error TEXT,
        expires_at \(.int64) NOT NULL,
        captured_at \(.int64),
        dispute_ended_at \(.int64),
        created_at \(.int64) NOT NULL
    ) \(.strict)
    """,
    "CREATE INDEX payments_by_customer ON payments (customer_id, id)",
    "CREATE INDEX payments_by_status ON payments (status, id)",
    "CREATE INDEX payments_pending ON payments (customer_id, id) WHERE status = 'pending'",
    "CREATE INDEX payments_by_order ON payments (order_id, id) WHERE order_id IS NOT NULL",
    """
    CREATE INDEX payments_by_provider_payment ON payments (provider_payment)
        WHERE provider_payment IS NOT NULL
    """,
]

private let eventTables: [SQL] = [
    // What providers have reported, each message once. Rows are never changed or deleted, except
    // that `payment_id` is set when the payment of an unmatched event becomes known.
    //
    // `type` is the provider's word, `change` the shop's. `object_id` is the provider's number of a
    // refund that failed, or of a dispute. `captured` is what the event added to the payment's.
    // `amount` and `currency` are those of the message; names and addresses in it are not stored.
    """
    CREATE TABLE payment_events (
        id \(.identity),
        payment_id \(.int64) REFERENCES payments (id),
        provider TEXT NOT NULL,
        event_id TEXT NOT NULL,
        type TEXT NOT NULL,
        change TEXT NOT NULL,
        object_id TEXT,
        amount \(.int64) NOT NULL,
        currency TEXT NOT NULL,
        captured \(.int64) NOT NULL,
        provider_payment TEXT,
        created_at \(.int64) NOT NULL,
        CONSTRAINT payment_events_provider_event_id_key UNIQUE (provider, event_id)
    ) \(.strict)
    """,
    "CREATE INDEX payment_events_by_payment ON payment_events (payment_id, id)",
    """
    CREATE INDEX payment_events_unmatched ON payment_events (provider_payment, id)
        WHERE payment_id IS NULL
    """,
]

private let refundTables: [SQL] = [
    // `origin` is the shop, the provider (a refund that was made in its dashboard), or a dispute.
    // `debited` is what the wallet could give: less than `amount` if the money was spent.
    //
    // A rejected refund was never made. A failed one was, and its money came back.
    """
    CREATE TABLE refunds (
        id \(.identity),
        ref TEXT NOT NULL CONSTRAINT refunds_ref_key UNIQUE,
        payment_id \(.int64) NOT NULL REFERENCES payments (id),
        origin TEXT NOT NULL CONSTRAINT refunds_origin CHECK (
            origin = 'shop' OR origin = 'provider' OR origin = 'dispute'),
        status TEXT NOT NULL CONSTRAINT refunds_status CHECK (
            status = 'pending' OR status = 'succeeded' OR status = 'failed'
            OR status = 'rejected'),
        amount \(.int64) NOT NULL
            CONSTRAINT refunds_amount CHECK (amount BETWEEN 1 AND 1000000000000000),
        debited \(.int64) NOT NULL
            CONSTRAINT refunds_debited CHECK (debited BETWEEN 0 AND amount),
        provider_id TEXT,
        actor_id \(.int64) NOT NULL REFERENCES customers (id),
        error TEXT,
        created_at \(.int64) NOT NULL
    ) \(.strict)
    """,
    "CREATE INDEX refunds_by_payment ON refunds (payment_id, id)",
]
