public import HTTP
public import Service
public import Storage
public import Values

/// Records what happened to a resource, in the transaction that changed it.
///
/// A rollback removes the event with the change. `numberEvents` gives it a position later, so this
/// costs one INSERT.
///
/// - Parameters:
///   - type: what happened.
///   - next: what happened to the resource right after that, in the same transaction.
///   - subject: the path of the resource, such as `/sales/7`.
///   - data: the resource as its GET shows it to staff, without secrets; nil after an erasure.
///   - customer: the person whose data the event contains; nil if it has no personal data.
///   - actor: the account that made the change; nil for the shop itself and its operator.
///   - now: the current time.
///   - tx: the transaction of the change.
/// - Throws: `StoreError`.
public func publish(
    _ type: EventType, and next: EventType? = nil, on subject: String,
    _ data: (some JSONWritable)?, of customer: Int64?, by actor: Int64?, at now: Instant,
    in tx: any Transaction
) throws {
    let json = data.map { JSONWriter.text(of: $0) }
    try tx.later(
        """
        INSERT INTO outbox (type, next_type, subject, data, customer_id, actor_id, created_at)
        VALUES (\(type), \(next.stored), \(subject), \(json.stored), \(customer.stored),
            \(actor.stored), \(now))
        """)
}

/// Records what the caller of a request did to a resource.
/// - Throws: `StoreError`.
public func publish(
    _ type: EventType, and next: EventType? = nil, on subject: String,
    _ data: (some JSONWritable)?, of customer: Int64? = nil, by call: Call,
    in tx: any Transaction
) throws {
    try publish(
        type, and: next, on: subject, data, of: customer,
        by: call.caller.role == nil ? nil : call.caller.id, at: call.now, in: tx)
}

/// Replaces a text in the data of the events of some resources.
/// - Throws: `StoreError`.
public func replaceInEvents(
    on subjects: [String], _ text: String, with other: String, in tx: any Transaction
) throws {
    guard !subjects.isEmpty else { return }
    // The outbox first: what `numberEvents` moves in the meantime is then found in the feed.
    for (table, isInTable) in [("outbox", "id > 0"), ("events", "position > 0")] as [(SQL, SQL)] {
        try tx.run(
            """
            UPDATE \(table) SET data = replace(data, \(text), \(other))
            WHERE subject IN \(subjects.list) AND data IS NOT NULL AND \(isInTable)
            """)
    }
}

/// Removes a person's data from all events.
///
/// - Parameters:
///   - customer: the id of the account.
///   - path: the path of the account, which contains the username.
///   - erased: the path of the erased account.
///   - tx: the transaction of the erasure.
/// - Throws: `StoreError`.
public func eraseEvents(
    of customer: Int64, at path: String, to erased: String, in tx: any Transaction
) throws {
    // In the order of `replaceInEvents`.
    for (table, isInTable) in [("outbox", "id > 0"), ("events", "position > 0")] as [(SQL, SQL)] {
        try tx.run(
            """
            UPDATE \(table) SET data = NULL,
                subject = CASE subject WHEN \(path) THEN \(erased)
                    WHEN \(path + "/wallet") THEN \(erased + "/wallet") ELSE subject END
            WHERE customer_id = \(customer) AND \(isInTable)
            """)
    }
}
