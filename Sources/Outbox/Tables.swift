public import Storage

/// The tables of events and jobs.
///
/// No other slice writes them.
public let tables: [Migration] = [
    Migration("outbox/1 events", eventTables),
    Migration("outbox/2 jobs", jobTables),
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
