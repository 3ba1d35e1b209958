import HTTP
public import Outbox
public import Storage
public import Values

/// Creates a delivery of an event to each webhook whose types include it and that is not paused.
///
/// The courier calls this for each event of the feed, in order. A second call for the same event
/// adds nothing.
/// - Throws: `StoreError`.
public func addDeliveries(of event: Event, at now: Instant, in tx: any Transaction) throws {
    let name = event.type.rawValue
    let patterns = ["*", "\(name.prefix { $0 != "." }).*", name]
    let webhooks = try tx.all(
        "SELECT webhook_id FROM webhook_patterns WHERE pattern IN \(patterns.list)"
    ) { try $0["webhook_id"] as Int64 }
    for webhook in Set(webhooks).sorted() {
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
