import HTTP
import Outbox
import Service
import Storage
import Values

/// The body of `POST /customers/password-resets/complete`.
struct PasswordReset: Input {
    let token: String
    let password: String

    init(_ fields: inout Fields) {
        token = fields.required("token", .oneTimeToken)
        password = fields.required("new_password", .password)
        fields.refuseWeak(password, as: "new_password")
    }
}

/// Sets the password, ends every session and lifts the lock of logins.
@Sendable func completePasswordReset(_ reset: PasswordReset, _ call: Call) throws -> Response {
    try call.refuseDryRun()
    // The token of a retry is used up.
    if let replay = try call.replay() { return replay }
    // Before the hash, which is expensive.
    let found = try call.read { tx in
        let token = try OneTimeToken.find(reset.token, for: .passwordReset, at: call.now, in: tx)
        return try customer(of: token, in: tx)
    }
    guard reset.password.asciiLowercased != found.username else {
        throw Problem.invalid([.init(field: "new_password", message: "must not be the username")])
    }
    let hash = try hashPassword(reset.password, cost: call.shop.passwordCost)
    return try call.write { tx in
        // Before the token, in the order in which a change of the address locks the rows.
        _ = try tx.first(
            "SELECT id FROM customers WHERE id = \(found.id) \(.alone("customers"))")
        let token = try OneTimeToken.use(reset.token, for: .passwordReset, at: call.now, in: tx)
        let account = try customer(of: token, in: tx)
        try tx.run(
            """
            UPDATE customers SET password_hash = \(hash), updated_at = \(call.now)
            WHERE id = \(account.id)
            """)
        try endSessions(of: account.id, at: call.now, in: tx)
        try forgetFailures(of: account.username, call, in: tx)
        try noticePasswordChange(of: account, at: call.now, in: tx)
        return .noContent
    }
}

/// The account of a reset token: active, and still with the address that the token was sent to.
///
/// - Throws: `Problem` 422 `token_invalid`, also without a token.
private func customer(of token: OneTimeToken?, in tx: any Transaction) throws -> Customer {
    guard let token,
        let customer = try tx.first(
            Customer.self,
            "WHERE id = \(token.customer) AND status = 'active' \(.alone("customers"))"),
        !customer.isGuest, customer.isEmailVerified, customer.email.isSame(as: token.email)
    else { throw tokenInvalid }
    return customer
}

/// Voids the customer's tokens and tells them about the new password.
func noticePasswordChange(of customer: Customer, at now: Instant, in tx: any Transaction) throws {
    try OneTimeToken.void(of: customer.id, at: now, in: tx)
    try notify(customer, .passwordChanged, at: now, in: tx)
}

/// Sends a message about the security of an account to its verified address, if it has one.
func notify(
    _ customer: Customer, _ template: MailTemplate, values: [String: String] = [:],
    at now: Instant, in tx: any Transaction
) throws {
    guard let address = customer.email, customer.isEmailVerified else { return }
    try enqueueMail(
        OutgoingMail(template, to: address, values: customer.mailValues.merging(values) { $1 }),
        of: customer.id, at: now, in: tx)
}
