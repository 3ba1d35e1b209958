import HTTP
import Service
import Storage
import Values

/// The body of `POST /customers/{username}/password`.
struct PasswordChange: Input {
    let current: String
    let new: String

    init(_ fields: inout Fields) {
        current = fields.required("current_password", .guess)
        new = fields.required("new_password", .password)
        fields.refuseWeak(new, as: "new_password")
    }
}

@Sendable func changePassword(_ change: PasswordChange, _ call: Call) throws -> Response {
    try call.refuseDryRun()
    // Look up the idempotency key first: after the change, the current password of a retry is
    // wrong.
    if let replay = try call.replay() { return replay }
    guard change.new.asciiLowercased != call.caller.username else {
        throw Problem.invalid([.init(field: "new_password", message: "must not be the username")])
    }
    let stored = try requirePassword(change.current, call)
    let key = LoginDigest.name(call.caller.username, call)
    let hash = try hashPassword(change.new, key: key, cost: call.shop.passwordCost)
    return try call.write { tx in
        try changePassword(of: call.caller, from: stored, to: hash, at: call.now, in: tx)
        return .noContent
    }
}

/// Stores the new hash and ends every other session.
///
/// It does nothing unless the stored hash is still the one that was compared.
func changePassword(
    of customer: Caller, from old: String, to new: String, at now: Instant, in tx: any Transaction
) throws {
    // Requests and logins of the customer that are in progress end first.
    _ = try tx.first("SELECT id FROM customers WHERE id = \(customer.id) \(.alone("customers"))")
    let changed = try tx.run(
        """
        UPDATE customers SET password_hash = \(new), updated_at = \(now)
        WHERE id = \(customer.id) AND password_hash = \(old)
        """)
    guard changed == 1 else {
        throw Problem.conflict(
            "password_changed", "Another request changed the password at the same time.")
    }
    try endSessions(of: customer.id, except: customer.session, at: now, in: tx)
    let account = try Customers.customer(named: customer.username, in: tx)
    try noticePasswordChange(of: account, at: now, in: tx)
}
