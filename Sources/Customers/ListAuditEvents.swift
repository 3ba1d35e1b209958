import HTTP
import Service
import Storage
import Values

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

@Sendable func listAuditEvents(_ filter: AuditFilter, _ call: Call, in tx: any Transaction) throws
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
    let found = try tx.all(
        AuditEntry.self, "\(conditions.conditions) \(filter.page.whole.end)")
    return filter.page.response(found, to: call, id: \.id)
}

/// An entry of the audit log.
struct AuditEntry: Record, JSONWritable {
    let id: Int64
    /// Nil for actions of the operator, as is `requestID`.
    let actor: String?
    let action: AuditAction
    let username: String?
    let subject: String?
    let before: String?
    let after: String?
    let requestID: String?
    let createdAt: Instant

    static let columns: SQL = """
        entry.id, entry.action, entry.subject, entry.before_change, entry.after_change,
        entry.request_id, entry.created_at, actor.username AS actor, customers.username AS customer
        """
    static let source: SQL = """
        audit_entries AS entry LEFT JOIN customers ON customers.id = entry.customer_id
            LEFT JOIN customers AS actor ON actor.id = entry.actor_id
        """

    init(_ row: Row, _ context: Void) throws {
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
