public import Storage

/// The tables of webhooks and their deliveries.
///
/// No other slice writes them.
public let tables: [Migration] = [
    Migration("webhooks/1 webhooks and deliveries", webhookTables + deliveryTables)
]

private let webhookTables: [SQL] = [
    // `types` are patterns, separated by spaces. The secrets are encrypted (`WebhookSecret`). After
    // a rotation the former secret signs as well until `former_until`.
    //
    // `failing_since` is the first failed attempt after the last successful one. `told_at` is set
    // when the event webhook.failing has been recorded for that.
    //
    // A deleted webhook stays until its deliveries are pruned, because there may be many.
    """
    CREATE TABLE webhooks (
        id \(.identity),
        url TEXT NOT NULL,
        types TEXT NOT NULL,
        description TEXT,
        paused \(.int64) NOT NULL CONSTRAINT webhooks_paused CHECK (paused IN (0, 1)),
        secret TEXT NOT NULL,
        former_secret TEXT,
        former_until \(.int64),
        failing_since \(.int64),
        told_at \(.int64),
        created_at \(.int64) NOT NULL,
        updated_at \(.int64) NOT NULL,
        deleted_at \(.int64)
    ) \(.strict)
    """,
    "CREATE INDEX webhooks_deleted ON webhooks (id) WHERE deleted_at IS NOT NULL",
    "CREATE INDEX webhooks_failing ON webhooks (id) WHERE told_at IS NOT NULL",
    // The patterns of the webhooks that are neither paused nor deleted. An event looks up the three
    // patterns that select its type.
    """
    CREATE TABLE webhook_patterns (
        pattern TEXT NOT NULL,
        webhook_id \(.int64) NOT NULL REFERENCES webhooks (id),
        PRIMARY KEY (pattern, webhook_id)
    ) \(.keyed)
    """,
    "CREATE INDEX webhook_patterns_by_webhook ON webhook_patterns (webhook_id)",
]

private let deliveryTables: [SQL] = [
    // A message to a webhook: the event at `event_position` of the feed, or a test, whose content
    // is `body`. The content of an event is not copied, so an erasure reaches it.
    //
    // `attempts` counts all attempts; `failures` counts those since the delivery was last started,
    // which select the next delay. `turn` is the number of the job that sends next: a former one,
    // such as that of a retry that an admin has overtaken, does nothing.
    """
    CREATE TABLE webhook_deliveries (
        id \(.identity),
        webhook_id \(.int64) NOT NULL REFERENCES webhooks (id),
        event_position \(.int64),
        type TEXT NOT NULL,
        body TEXT,
        state TEXT NOT NULL
            CONSTRAINT webhook_deliveries_state CHECK (state IN ('pending', 'delivered', 'failed')),
        attempts \(.int64) NOT NULL,
        turn \(.int64) NOT NULL,
        failures \(.int64) NOT NULL,
        next_attempt_at \(.int64),
        created_at \(.int64) NOT NULL,
        ended_at \(.int64),
        CONSTRAINT webhook_deliveries_content CHECK ((event_position IS NULL) = (body IS NOT NULL)),
        CONSTRAINT webhook_deliveries_end CHECK ((state = 'pending') = (ended_at IS NULL))
    ) \(.strict)
    """,
    "CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id, id)",
    "CREATE INDEX webhook_deliveries_by_state ON webhook_deliveries (webhook_id, state, id)",
    // One delivery of an event to each webhook, also if the feed is read twice.
    """
    CREATE UNIQUE INDEX webhook_deliveries_event_position_webhook_id_key
        ON webhook_deliveries (event_position, webhook_id) WHERE event_position IS NOT NULL
    """,
    """
    CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (ended_at, id)
        WHERE ended_at IS NOT NULL
    """,
    // `answer` is the beginning of the response body; NULL after the erasure of the person whose
    // data was sent.
    """
    CREATE TABLE webhook_attempts (
        delivery_id \(.int64) NOT NULL REFERENCES webhook_deliveries (id),
        number \(.int64) NOT NULL,
        at \(.int64) NOT NULL,
        status \(.int64),
        ms \(.int64) NOT NULL,
        error TEXT,
        answer TEXT,
        PRIMARY KEY (delivery_id, number)
    ) \(.keyed)
    """,
]
