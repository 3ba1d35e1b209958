import HTTP
public import Service
public import Storage
public import Values

/// Records that the caller used a right above customer.
///
/// Rows are never changed or deleted, so they outlive an erased person: `before` and `after` hold
/// roles, statuses, amounts and fields of products, and nothing that identifies a person.
/// - Parameters:
/// - customer: whose account, order or review it concerns; nil for the catalogue.
/// - subject: the path of the resource, if it is not the account: `/sales/7`.
/// - ownersToo: whether customers may do this to what is their own; then it is recorded only if
///   somebody else does it.
public func audit(
    _ action: AuditAction, of customer: Int64?, on subject: String? = nil, before: String? = nil,
    after: String? = nil, ownersToo: Bool = false, by call: Call, in tx: any Transaction
) throws {
    if ownersToo, customer == call.caller.id { return }
    try addAuditEntry(
        action, of: customer, on: subject, before: before, after: after, by: call.caller.id,
        request: call.request.id, at: call.now, in: tx)
}

/// Records what the operator did, who sends no request.
///
/// `actor` is the account that the operator acted as.
public func auditOperator(
    _ action: AuditAction, of customer: Int64?, on subject: String? = nil, before: String? = nil,
    after: String?, as actor: Int64? = nil, at now: Instant, in tx: any Transaction
) throws {
    try addAuditEntry(
        action, of: customer, on: subject, before: before, after: after, by: actor, request: nil,
        at: now, in: tx)
}

private func addAuditEntry(
    _ action: AuditAction, of customer: Int64?, on subject: String?, before: String?,
    after: String?, by actor: Int64?, request: String?, at now: Instant, in tx: any Transaction
) throws {
    try tx.run(
        """
        INSERT INTO audit_entries (actor_id, action, customer_id, subject, before_change,
            after_change, request_id, created_at)
        VALUES (\(actor.stored), \(action), \(customer.stored), \(subject.stored),
            \(before.stored), \(after.stored), \(request.stored), \(now))
        """)
}

/// The ids of the requests by which others did something to a customer.
func requests(about customer: Int64, in tx: any Transaction) throws -> [String] {
    try tx.all(
        """
        SELECT request_id FROM audit_entries
        WHERE customer_id = \(customer) AND request_id IS NOT NULL
        """
    ) { try $0["request_id"] }
}

/// The parameters of `GET /customers/audit`.
struct AuditFilter: Input {
    let username: String?
    let actor: String?
    let subject: String?
    let page: Page

    init(_ fields: inout Fields) {
        username = fields.optional("username", .typedUsername)
        actor = fields.optional("actor", .typedUsername)
        subject = fields.optional("subject", .line(1...120))
        page = fields.page(id: "entry.id")
    }
}

@Sendable func listAudit(_ filter: AuditFilter, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    var conditions = [filter.page.whole.condition]
    if let username = filter.username {
        conditions.append(
            "entry.customer_id = (SELECT id FROM customers WHERE username = \(username))")
    }
    if let actor = filter.actor {
        conditions.append("entry.actor_id = (SELECT id FROM customers WHERE username = \(actor))")
    }
    if let subject = filter.subject { conditions.append("entry.subject = \(subject)") }
    let found = try AuditEntry.all("\(conditions.conditions) \(filter.page.whole.end)", tx)
    return filter.page.response(found, to: call, id: \.id)
}

/// One row of the audit.
struct AuditEntry: JSONWritable {
    let id: Int64
    /// Nil for the operator, as is `requestID`.
    let actor: String?
    let action: AuditAction
    let username: String?
    let subject: String?
    let before: String?
    let after: String?
    let requestID: String?
    let createdAt: Instant

    /// The rows that `rest` selects.
    static func all(_ rest: SQL, _ tx: any Transaction) throws -> [AuditEntry] {
        try tx.all(
            """
            SELECT entry.id, entry.action, entry.subject, entry.before_change, entry.after_change, entry.request_id,
                entry.created_at, actor.username AS actor, customers.username AS customer
            FROM audit_entries AS entry
                LEFT JOIN customers ON customers.id = entry.customer_id
                LEFT JOIN customers AS actor ON actor.id = entry.actor_id
            \(rest)
            """, AuditEntry.init)
    }

    private init(_ row: Row) throws {
        id = try row["id"]
        actor = try row["actor"]
        action = try row["action"]
        username = try row["customer"]
        subject = try row["subject"]
        before = try row["before_change"]
        after = try row["after_change"]
        requestID = try row["request_id"]
        createdAt = try row["created_at"]
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("actor", actor)
            $0.field("action", action)
            $0.field("username", username)
            $0.field("subject", subject)
            $0.field("before", before)
            $0.field("after", after)
            $0.field("request_id", requestID)
            $0.field("created_at", createdAt)
        }
    }
}
