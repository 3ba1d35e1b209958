public import HTTP
public import Storage

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
    static let creditedWallet = AuditAction(rawValue: "credited_wallet")
    static let debitedWallet = AuditAction(rawValue: "debited_wallet")
    static let exported = AuditAction(rawValue: "exported")
    static let erased = AuditAction(rawValue: "erased")
}
