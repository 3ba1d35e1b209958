import HTTP
public import Outbox
public import Storage
public import Values

/// Creates a delivery of each event to each webhook whose types include it and that is not paused.
///
/// The courier calls this for the events of the feed, in order. A second call for the same event
/// adds nothing.
/// - Throws: `StoreError`.
public func addDeliveries(of events: [Event], at now: Instant, in tx: any Transaction) throws {
    let names = Set(events.flatMap { patterns(of: $0.type) }).sorted()
    let rows = try tx.all(
        "SELECT webhook_id, pattern FROM webhook_patterns WHERE pattern IN \(names.list)"
    ) { (webhook: try $0["webhook_id"] as Int64, pattern: try $0["pattern"] as String) }
    guard !rows.isEmpty else { return }
    let webhooks = Dictionary(grouping: rows, by: \.pattern).mapValues { $0.map(\.webhook) }
    for event in events {
        try addDeliveries(
            of: event, to: Set(patterns(of: event.type).flatMap { webhooks[$0] ?? [] }),
            at: now, in: tx)
    }
}

/// The patterns that include a type.
private func patterns(of type: EventType) -> [String] {
    let name = type.rawValue
    return ["*", "\(name.prefix { $0 != "." }).*", name]
}

private func addDeliveries(
    of event: Event, to webhooks: Set<Int64>, at now: Instant, in tx: any Transaction
) throws {
    for webhook in webhooks.sorted() {
        let row = try tx.first(
            """
            INSERT INTO webhook_deliveries (webhook_id, event_position, type, state, attempts,
                turn, failures, next_attempt_at, created_at)
            VALUES (\(webhook), \(event.position), \(event.type), 'pending', 0, 1, 0, \(now), \(now))
            ON CONFLICT (event_position, webhook_id) WHERE event_position IS NOT NULL DO NOTHING
            RETURNING \(Delivery.columns)
            """)
        if let row { try enqueue(try Delivery(row).job, at: now, in: tx) }
    }
}
