import HTTP
import Service
public import Storage
public import Values

/// A new password that the operator sets.
private struct NewPassword: Input {
    let password: String

    init(_ fields: inout Fields) {
        password = fields.required("password", .password)
        fields.refuseWeak(password, as: "password")
    }
}

/// Sets the password of an account for the operator, and ends all of its sessions.
///
/// The rules are those of `POST /customers`.
///
/// - Throws: `Problem` 404 `customer_not_found`, 422 if the password is too weak.
public func resetPassword(
    of username: String, to password: String, at now: Instant, on store: some Store
) throws {
    let new = try NewPassword(checking: [.init(name: "password", value: .string(password))])
    guard new.password.asciiLowercased != username else {
        throw Problem.invalid([.init(field: "password", message: "must not be the username")])
    }
    let hash = try hashPassword(new.password)
    try store.write { tx in
        let customer = try customer(named: username, in: tx)
        try tx.run(
            """
            UPDATE customers SET password_hash = \(hash), updated_at = \(now)
            WHERE id = \(customer.id)
            """)
        try endSessions(of: customer.id, at: now, in: tx)
        try noticePasswordChange(of: customer, at: now, in: tx)
        try auditOperator(.changedPassword, of: customer.id, after: nil, at: now, in: tx)
    }
}
