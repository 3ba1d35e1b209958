public import Storage
public import Values

/// The numbers of waiting events and jobs, for metrics.
public struct OutboxFigures: Sendable {
    /// The count stops at this number.
    public static let countMax: Int64 = 100_000

    /// The jobs that wait for an attempt.
    public let pendingJobs: Int64
    /// The jobs in progress, on any courier.
    public let leasedJobs: Int64
    /// The jobs that have failed.
    public let failedJobs: Int64
    /// The earliest time at which an attempt may begin; nil if no job waits.
    public let firstRunAt: Instant?
    /// The changes whose events have no position yet.
    public let unnumberedEvents: Int64
    /// When the oldest of them was created.
    public let firstUnnumberedAt: Instant?
    /// The events in the feed that the courier has not read.
    public let unreadEvents: Int64
    /// When the oldest of them was created.
    public let firstUnreadAt: Instant?

    /// Reads the figures.
    /// - Throws: `StoreError`.
    public init(in tx: any Transaction) throws {
        func count(_ rows: SQL) throws -> Int64 {
            let counted: SQL = "(\(rows) LIMIT \(Self.countMax)) AS counted"
            return try tx.first("SELECT COUNT(*) AS count FROM \(counted)")?["count"] ?? 0
        }
        pendingJobs = try count(
            "SELECT run_at FROM jobs WHERE state = 'pending' AND leased_by IS NULL AND run_at > 0")
        leasedJobs = try count("SELECT queue FROM jobs WHERE leased_by IS NOT NULL")
        failedJobs = try count("SELECT run_at FROM jobs WHERE state = 'failed'")
        firstRunAt = try tx.first(
            """
            SELECT run_at FROM jobs
            WHERE state = 'pending' AND leased_by IS NULL AND run_at > 0
            ORDER BY run_at LIMIT 1
            """)?["run_at"]
        unnumberedEvents = try count("SELECT id FROM outbox WHERE id > 0")
        firstUnnumberedAt = try tx.first(
            "SELECT created_at FROM outbox WHERE id > 0 ORDER BY id LIMIT 1")?["created_at"]
        unreadEvents =
            try tx.first(
                """
                SELECT event_positions.last - feed_cursors.position AS count
                FROM feed_cursors, event_positions WHERE feed_cursors.name = 'courier'
                """)?["count"] ?? 0
        firstUnreadAt = try tx.first(
            """
            SELECT (
                SELECT created_at FROM events WHERE position > feed_cursors.position
                ORDER BY position LIMIT 1
            ) AS created_at
            FROM feed_cursors WHERE name = 'courier'
            """)?["created_at"]
    }
}
