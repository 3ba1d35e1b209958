import HTTP
public import Storage
import Values

/// The most events that one call of `numberEvents` numbers.
private let numberedMax: Int64 = 1000

/// Gives positions to the oldest events that have none.
///
/// The lock on the last position is held until the commit, so positions are committed in their
/// order. A reader that goes on after the last position it saw therefore misses no event.
///
/// - Returns: the number of events, at most 1,000.
/// - Throws: `StoreError`.
@discardableResult
public func numberEvents(in tx: any Transaction) throws -> Int {
    guard
        let last: Int64 = try tx.first(
            "SELECT last FROM event_positions \(.alone("event_positions"))")?["last"]
    else { throw StoreError.schema("The table event_positions has no row.") }
    let count = try tx.run(
        """
        UPDATE events SET position = \(last) + fresh.place
        FROM (
            SELECT id, row_number() OVER (ORDER BY id) AS place
            FROM (
                SELECT id FROM events WHERE position IS NULL AND id > 0
                ORDER BY id LIMIT \(numberedMax)
            ) AS oldest
        ) AS fresh
        WHERE events.id = fresh.id
        """)
    if count > 0 { try tx.run("UPDATE event_positions SET last = \(last + Int64(count))") }
    return count
}

/// Whether an event has no position yet.
/// - Throws: `StoreError`.
public func hasUnnumberedEvents(in tx: any Transaction) throws -> Bool {
    try tx.first("SELECT id FROM events WHERE position IS NULL AND id > 0 ORDER BY id LIMIT 1")
        != nil
}

/// An event in the feed.
public struct Event: Sendable {
    /// The number in the feed, from 1.
    public let position: Int64
    /// What happened.
    public let type: EventType
    /// The path of the resource.
    public let subject: String
    /// The resource as JSON; nil after the erasure of the customer.
    public let data: String?
    /// The person whose data the event contains.
    public let customer: Int64?
    /// The account that made the change.
    public let actor: Int64?
    /// When it happened.
    public let createdAt: Instant
}

extension Event: Record {
    /// The columns of an event.
    public static let columns: SQL =
        "position, type, subject, data, customer_id, actor_id, created_at"
    /// The table of events.
    public static let source: SQL = "events"

    /// Decodes a row with `columns`.
    public init(_ row: Row, _ context: Void) throws {
        position = try row["position"]
        type = try row["type"]
        subject = try row["subject"]
        data = try row["data"]
        customer = try row["customer_id"]
        actor = try row["actor_id"]
        createdAt = try row["created_at"]
    }
}

/// The events of the feed after `position`, in their order.
///
/// `types` and `subject`, the path of a resource, are filters; nil reads all.
/// - Throws: `StoreError`.
public func events(
    after position: Int64, types: [EventType]? = nil, subject: String? = nil, limit: Int64,
    in tx: any Transaction
) throws -> [Event] {
    if let subject {
        let ofType: SQL = types.map { "AND type IN \($0.list)" } ?? ""
        return try tx.all(
            Event.self,
            """
            WHERE position > \(position) AND subject = \(subject) \(ofType)
            ORDER BY position LIMIT \(limit)
            """)
    }
    guard let types else {
        return try tx.all(
            Event.self, "WHERE position > \(position) ORDER BY position LIMIT \(limit)")
    }
    // One range of the index for each type: an engine would sort all events of several types.
    let found = try types.flatMap { type in
        try tx.all(
            Event.self,
            """
            WHERE type = \(type) AND position > \(position) ORDER BY position LIMIT \(limit)
            """)
    }
    return Array(found.sorted { $0.position < $1.position }.prefix(Int(limit)))
}
