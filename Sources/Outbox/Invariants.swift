public import Storage

/// The invariants of events and jobs.
public let invariants: [Invariant] = [
    Invariant(
        "A position in the feed is not after the last one.",
        breaches: """
            SELECT 'event ' || position AS subject FROM events
            WHERE position > (SELECT last FROM event_positions)
            """),
    Invariant(
        "A reader of the feed is not ahead of it.",
        breaches: """
            SELECT name AS subject FROM feed_cursors
            WHERE position > (SELECT last FROM event_positions)
            """),
    Invariant(
        "A job in progress has a lease with an end, and a failed one has none.",
        breaches: """
            SELECT 'job ' || id AS subject FROM jobs
            WHERE (lease_until IS NULL) <> (leased_by IS NULL)
                OR state = 'failed' AND leased_by IS NOT NULL
            """),
    Invariant(
        "A queue has at most one job in progress.",
        breaches: """
            SELECT queue AS subject FROM jobs WHERE leased_by IS NOT NULL
            GROUP BY queue HAVING COUNT(*) > 1
            """),
]
