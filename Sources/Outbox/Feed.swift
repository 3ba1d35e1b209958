import HTTP
public import Storage
import Values

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
    public static let columns: SQL = """
        events.position, events.type, events.subject, COALESCE(events.data, first.data) AS data,
        events.customer_id, events.actor_id, events.created_at
        """
    /// The table of events, and the events whose data others share.
    public static let source: SQL =
        "events LEFT JOIN events AS first ON first.position = events.data_of"

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
        let ofType: SQL = types.map { "AND events.type IN \($0.list)" } ?? ""
        return try tx.all(
            Event.self,
            """
            WHERE events.position > \(position) AND events.subject = \(subject) \(ofType)
            ORDER BY events.position LIMIT \(limit)
            """)
    }
    guard let types else {
        return try tx.all(
            Event.self,
            "WHERE events.position > \(position) ORDER BY events.position LIMIT \(limit)")
    }
    // One range of the index for each type: an engine would sort all events of several types.
    let found = try types.flatMap { type in
        try tx.all(
            Event.self,
            """
            WHERE events.type = \(type) AND events.position > \(position)
            ORDER BY events.position LIMIT \(limit)
            """)
    }
    return Array(found.sorted { $0.position < $1.position }.prefix(Int(limit)))
}

/// The event at a position of the feed, or nil.
/// - Throws: `StoreError`.
public func event(at position: Int64, in tx: any Transaction) throws -> Event? {
    try tx.first(Event.self, "WHERE events.position = \(position)")
}

/// The events of the feed that contain a person's data.
/// - Throws: `StoreError`.
public func events(of customer: Int64, in tx: any Transaction) throws -> [Event] {
    try tx.all(
        Event.self,
        "WHERE events.customer_id = \(customer) AND events.position > 0 ORDER BY events.position")
}
