import Storage

let jobTables: [SQL] = [
    // An attempt in progress has a lease. `run_at` is the earliest time of the next attempt, and
    // the time of the failure of a failed job.
    """
    CREATE TABLE jobs (
        id \(.identity),
        queue TEXT NOT NULL,
        kind TEXT NOT NULL,
        payload TEXT NOT NULL,
        customer_id \(.int64),
        state TEXT NOT NULL,
        attempts \(.int64) NOT NULL,
        run_at \(.int64) NOT NULL,
        lease_until \(.int64),
        leased_by TEXT,
        error TEXT,
        created_at \(.int64) NOT NULL,
        CONSTRAINT jobs_state_is_known CHECK (state IN ('pending', 'failed')),
        CONSTRAINT jobs_attempts_are_counted CHECK (attempts >= 0),
        CONSTRAINT jobs_lease_has_an_end CHECK ((lease_until IS NULL) = (leased_by IS NULL)),
        CONSTRAINT jobs_failed_has_no_lease CHECK (state = 'pending' OR leased_by IS NULL)
    ) \(.strict)
    """,
    // At most one job of a queue is in progress.
    "CREATE UNIQUE INDEX jobs_queue_key ON jobs (queue) WHERE leased_by IS NOT NULL",
    "CREATE INDEX jobs_leased ON jobs (lease_until) WHERE leased_by IS NOT NULL",
    """
    CREATE INDEX jobs_waiting ON jobs (queue, run_at, id)
        WHERE state = 'pending' AND leased_by IS NULL
    """,
    "CREATE INDEX jobs_by_time ON jobs (run_at) WHERE state = 'pending' AND leased_by IS NULL",
    "CREATE INDEX jobs_failed ON jobs (run_at, id) WHERE state = 'failed'",
    "CREATE INDEX jobs_by_customer ON jobs (customer_id) WHERE customer_id IS NOT NULL",
    // The last position that each reader of the feed has seen.
    """
    CREATE TABLE feed_cursors (
        name TEXT NOT NULL PRIMARY KEY,
        position \(.int64) NOT NULL
    ) \(.keyed)
    """,
    "INSERT INTO feed_cursors (name, position) VALUES ('courier', 0)",
]

let jobTimeIndex: [SQL] = [
    "DROP INDEX jobs_by_time",
    // Every `run_at` is above 0. The condition keeps PostgreSQL from this index where a statement
    // does not repeat it: with few jobs, it would sort all of them for each queue.
    """
    CREATE INDEX jobs_by_time ON jobs (run_at)
        WHERE state = 'pending' AND leased_by IS NULL AND run_at > 0
    """,
]
