public import HTTP
public import Service
public import Storage
public import Values

/// Records what happened to a resource, in the transaction that changed it.
///
/// A rollback removes the event with the change. `Feed` gives it a position later, so this costs one
/// INSERT.
///
/// - Parameters:
///   - type: what happened.
///   - subject: the path of the resource, such as `/sales/7`.
///   - data: the resource as its GET shows it to staff, without secrets; nil after an erasure.
///   - customer: the person whose data the event contains; nil if it has no personal data.
///   - actor: the account that made the change; nil for the shop itself and its operator.
///   - now: the current time.
///   - tx: the transaction of the change.
/// - Throws: `StoreError`.
public func publish(
    _ type: EventType, on subject: String, _ data: (some JSONWritable)?, of customer: Int64?,
    by actor: Int64?, at now: Instant, in tx: any Transaction
) throws {
    let json = data.map { String(decoding: JSONWriter.bytes(of: $0), as: UTF8.self) }
    try tx.later(
        """
        INSERT INTO events (type, subject, data, customer_id, actor_id, created_at)
        VALUES (\(type), \(subject), \(json.stored), \(customer.stored), \(actor.stored), \(now))
        """)
}

/// Records what the caller of a request did to a resource.
/// - Throws: `StoreError`.
public func publish(
    _ type: EventType, on subject: String, _ data: (some JSONWritable)?, of customer: Int64? = nil,
    by call: Call, in tx: any Transaction
) throws {
    try publish(
        type, on: subject, data, of: customer,
        by: call.caller.role == nil ? nil : call.caller.id, at: call.now, in: tx)
}

/// Replaces a text in the data of the events of some resources.
/// - Throws: `StoreError`.
public func replaceInEvents(
    on subjects: [String], _ text: String, with other: String, in tx: any Transaction
) throws {
    guard !subjects.isEmpty else { return }
    // Two statements, because each has an index.
    for part in ["position > 0", "position IS NULL AND id > 0"] as [SQL] {
        try tx.run(
            """
            UPDATE events SET data = replace(data, \(text), \(other))
            WHERE subject IN \(subjects.list) AND data IS NOT NULL AND \(part)
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
    // Two statements, because each has an index.
    for part in ["position > 0", "position IS NULL AND id > 0"] as [SQL] {
        try tx.run(
            """
            UPDATE events SET data = NULL,
                subject = CASE WHEN subject = \(path) THEN \(erased) ELSE subject END
            WHERE customer_id = \(customer) AND \(part)
            """)
    }
}
