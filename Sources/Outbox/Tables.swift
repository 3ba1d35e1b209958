public import Storage

/// The tables of events and jobs.
///
/// No other slice writes them.
public let tables: [Migration] = [
    Migration("outbox/1 events", eventTables),
    Migration("outbox/2 jobs", jobTables),
    Migration("outbox/3 events apart from their feed", outboxTable),
    Migration("outbox/4 times of notices", noticeTable),
    Migration("outbox/5 jobs by time apart from their queues", jobTimeIndex),
]

private let eventTables: [SQL] = [
    // What happened, as other programs may know it. With several writers, events are committed in
    // another order than their ids, so a reader that goes on after the highest id would miss some.
    // `position` is their order in the feed. It is NULL until `numberEvents` gives one.
    //
    // `data` is NULL after the erasure of the customer. The indexes leave out new events, so that
    // an order does not wait for them.
    """
    CREATE TABLE events (
        id \(.identity),
        position \(.int64),
        type TEXT NOT NULL,
        subject TEXT NOT NULL,
        data TEXT,
        customer_id \(.int64),
        actor_id \(.int64),
        created_at \(.int64) NOT NULL
    ) \(.strict)
    """,
    "CREATE INDEX events_unnumbered ON events (id) WHERE position IS NULL",
    "CREATE UNIQUE INDEX events_position_key ON events (position) WHERE position IS NOT NULL",
    "CREATE INDEX events_by_type ON events (type, position) WHERE position IS NOT NULL",
    "CREATE INDEX events_by_subject ON events (subject, position) WHERE position IS NOT NULL",
    """
    CREATE INDEX events_by_customer ON events (customer_id, position)
        WHERE position IS NOT NULL AND customer_id IS NOT NULL
    """,
    // One row: the last position.
    "CREATE TABLE event_positions (last \(.int64) NOT NULL) \(.strict)",
    "INSERT INTO event_positions (last) VALUES (0)",
]

private let noticeTable: [SQL] = [
    // The earliest times of the next messages of some kinds, such as those to staff about the stock
    // of a product.
    """
    CREATE TABLE notice_times (
        name TEXT NOT NULL PRIMARY KEY,
        next_at \(.int64) NOT NULL
    ) \(.keyed)
    """,
    "CREATE INDEX notice_times_by_time ON notice_times (next_at)",
]

private let outboxTable: [SQL] = [
    "ALTER TABLE events RENAME TO former_events",
    // What happened, written in the transaction of the change. `numberEvents` moves it to `events`.
    // The table has no index, and one row for the two events of an order that is paid at once, so
    // that an order writes little. With several writers, rows are committed in another order than
    // their ids.
    """
    CREATE TABLE outbox (
        id \(.serial),
        type TEXT NOT NULL,
        next_type TEXT,
        subject TEXT NOT NULL,
        data TEXT,
        customer_id \(.int64),
        actor_id \(.int64),
        created_at \(.int64) NOT NULL
    ) \(.strict)
    """,
    // The feed. An event whose data is that of an earlier event has its position in `data_of`, and
    // no `data`. Otherwise `data` is NULL after the erasure of the customer.
    """
    CREATE TABLE events (
        position \(.int64) PRIMARY KEY,
        type TEXT NOT NULL,
        subject TEXT NOT NULL,
        data TEXT,
        data_of \(.int64),
        customer_id \(.int64),
        actor_id \(.int64),
        created_at \(.int64) NOT NULL
    ) \(.strict)
    """,
    """
    INSERT INTO events (position, type, subject, data, customer_id, actor_id, created_at)
    SELECT position, type, subject, data, customer_id, actor_id, created_at FROM former_events
    WHERE position IS NOT NULL ORDER BY position
    """,
    """
    INSERT INTO outbox (type, subject, data, customer_id, actor_id, created_at)
    SELECT type, subject, data, customer_id, actor_id, created_at FROM former_events
    WHERE position IS NULL ORDER BY id
    """,
    "DROP TABLE former_events",
    "CREATE INDEX events_by_type ON events (type, position)",
    "CREATE INDEX events_by_subject ON events (subject, position)",
    """
    CREATE INDEX events_by_customer ON events (customer_id, position)
        WHERE customer_id IS NOT NULL
    """,
]
