public import HTTP
public import Service
public import Storage

/// What staff, admins and the operator do to what is another's.
public enum AuditAction: String, Sendable, CaseIterable, Storable, JSONWritable {
    case openedAccount = "opened_account"
    case changedProfile = "changed_profile"
    case changedRole = "changed_role"
    case changedStatus = "changed_status"
    case changedPassword = "changed_password"
    case endedSession = "ended_session"
    case chargedWallet = "charged_wallet"
    case deductedWallet = "deducted_wallet"
    case exported
    case erased
    case approvedReview = "approved_review"
    case rejectedReview = "rejected_review"
    case deletedReview = "deleted_review"
    case repliedToReview = "replied_to_review"
    case removedReply = "removed_reply"
    case shippedSale = "shipped_sale"
    case deliveredSale = "delivered_sale"
    case cancelledSale = "cancelled_sale"
    case refundedSale = "refunded_sale"
}

/// Leaves a row that says who did what to whom, unless they did it to themselves.
///
/// Rows are only ever added, so they must outlive the person: `before` and `after` hold roles,
/// amounts and names of fields, and never what a person could be known by.
public func audit(
    _ action: AuditAction, of customer: Int64, before: String? = nil, after: String? = nil,
    by call: Call, in tx: any Transaction
) throws {
    guard customer != call.caller.id else { return }
    try enter(
        action, of: customer, before: before, after: after, by: call.caller.id,
        request: call.request.id, at: call.now, in: tx)
}

/// Leaves the row of the operator, who has no account and sends no request.
func auditOperator(
    _ action: AuditAction, of customer: Int64, before: String? = nil, after: String?,
    at now: Instant, in tx: any Transaction
) throws {
    try enter(
        action, of: customer, before: before, after: after, by: nil, request: nil, at: now, in: tx)
}

private func enter(
    _ action: AuditAction, of customer: Int64, before: String?, after: String?, by actor: Int64?,
    request: String?, at now: Instant, in tx: any Transaction
) throws {
    try tx.run(
        """
        INSERT INTO audit_entries (actor_id, action, customer_id, before_change, after_change,
            request_id, created_at)
        VALUES (\(actor.stored), \(action), \(customer), \(before.stored), \(after.stored),
            \(request.stored), \(now))
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
    let page: Page

    init(_ fields: inout Fields) {
        username = fields.optional("username", .typedUsername)
        actor = fields.optional("actor", .typedUsername)
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
    let found = try AuditEntry.all("\(conditions.conditions) \(filter.page.whole.end)", tx)
    return filter.page.response(found, to: call, id: \.id)
}

/// One row of the audit.
struct AuditEntry: JSONWritable {
    let id: Int64
    /// Nil for the operator, as is `requestID`.
    let actor: String?
    let action: AuditAction
    let username: String
    let before: String?
    let after: String?
    let requestID: String?
    let createdAt: Instant

    /// The rows that `rest` selects.
    static func all(_ rest: SQL, _ tx: any Transaction) throws -> [AuditEntry] {
        try tx.all(
            """
            SELECT entry.id, entry.action, entry.before_change, entry.after_change, entry.request_id,
                entry.created_at, actor.username AS actor, customers.username AS customer
            FROM audit_entries AS entry
                JOIN customers ON customers.id = entry.customer_id
                LEFT JOIN customers AS actor ON actor.id = entry.actor_id
            \(rest)
            """, AuditEntry.init)
    }

    private init(_ row: Row) throws {
        id = try row["id"]
        actor = try row["actor"]
        action = try row["action"]
        username = try row["customer"]
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
            $0.field("before", before)
            $0.field("after", after)
            $0.field("request_id", requestID)
            $0.field("created_at", createdAt)
        }
    }
}
