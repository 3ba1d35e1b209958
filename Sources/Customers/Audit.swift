public import HTTP
public import Service
public import Storage
public import Values

/// An action that requires a right above customer.
///
/// Each slice declares the actions of its own routes.
public struct AuditAction: RawRepresentable, Sendable, Hashable, Storable, JSONWritable {
    /// The action's name in the database and in JSON, such as `changed_role`.
    public let rawValue: String

    /// An action by its name.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}

extension AuditAction {
    static let openedAccount = AuditAction(rawValue: "opened_account")
    static let changedProfile = AuditAction(rawValue: "changed_profile")
    static let changedRole = AuditAction(rawValue: "changed_role")
    static let changedStatus = AuditAction(rawValue: "changed_status")
    static let changedPassword = AuditAction(rawValue: "changed_password")
    static let endedSession = AuditAction(rawValue: "ended_session")
    static let createdApiKey = AuditAction(rawValue: "created_api_key")
    static let revokedApiKey = AuditAction(rawValue: "revoked_api_key")
    static let resetTotp = AuditAction(rawValue: "reset_totp")
    static let creditedWallet = AuditAction(rawValue: "credited_wallet")
    static let debitedWallet = AuditAction(rawValue: "debited_wallet")
    static let createdAddress = AuditAction(rawValue: "created_address")
    static let changedAddress = AuditAction(rawValue: "changed_address")
    static let deletedAddress = AuditAction(rawValue: "deleted_address")
    static let exported = AuditAction(rawValue: "exported")
    static let erased = AuditAction(rawValue: "erased")
}

/// Records that the caller used a right above customer.
///
/// Rows are never changed or deleted, so they outlive an erased person. `before` and `after`
/// contain roles, statuses, amounts and product fields, but nothing that identifies a person.
///
/// `customer` is the owner of the account, order or review; nil for the catalogue. `subject` is the
/// path of the resource, such as `/sales/7`, if it is not the account. `ownersToo` says that
/// customers may do this to their own resources. Then only uses by others are recorded.
public func audit(
    _ action: AuditAction, of customer: Int64?, on subject: String? = nil, before: String? = nil,
    after: String? = nil, ownersToo: Bool = false, by call: Call, in tx: any Transaction
) throws {
    if ownersToo, customer == call.caller.id { return }
    try addAuditEntry(
        action, of: customer, on: subject, before: before, after: after, by: call.caller.id,
        request: call.request.id, at: call.now, in: tx)
}

/// Records an action of the operator, for which no request exists.
///
/// `actor` is the account that the operator acts as.
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

/// Returns the ids of the requests by which others acted on a customer.
func requests(about customer: Int64, in tx: any Transaction) throws -> [String] {
    try tx.all(
        """
        SELECT request_id FROM audit_entries
        WHERE customer_id = \(customer) AND request_id IS NOT NULL
        """
    ) { try $0["request_id"] }
}
