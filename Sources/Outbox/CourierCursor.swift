public import Storage

/// Whether there are events that the courier has not read.
/// - Throws: `StoreError`.
public func hasNewEvents(in tx: any Transaction) throws -> Bool {
    if try hasUnnumberedEvents(in: tx) { return true }
    return try tx.first(
        """
        SELECT feed_cursors.position FROM feed_cursors, event_positions
        WHERE feed_cursors.name = 'courier' AND feed_cursors.position < event_positions.last
        """) != nil
}

/// The next events for the courier, whose cursor moves after them.
///
/// The lock on the cursor is held until the commit, so that each event is read once.
/// - Throws: `StoreError`.
public func readEvents(limit: Int64, in tx: any Transaction) throws -> [Event] {
    guard
        let position: Int64 = try tx.first(
            """
            SELECT position FROM feed_cursors WHERE name = 'courier' \(.alone("feed_cursors"))
            """)?["position"]
    else { throw StoreError.schema("The table feed_cursors has no row for the courier.") }
    let events = try events(after: position, limit: limit, in: tx)
    if let last = events.last {
        try tx.run(
            "UPDATE feed_cursors SET position = \(last.position) WHERE name = 'courier'")
    }
    return events
}
