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
    // Before the hash, which is expensive.
    let customer = try call.read { tx in
        guard
            let token = try OneTimeToken.find(
                reset.token, for: .passwordReset, at: call.now, in: tx),
            let customer = try activeCustomer(token.customer, in: tx)
        else { throw tokenInvalid }
        return customer
    }
    guard reset.password.asciiLowercased != customer.username else {
        throw Problem.invalid([.init(field: "new_password", message: "must not be the username")])
    }
    let hash = try hashPassword(reset.password)
    return try call.write(remembered: false) { tx in
        guard let customer = try activeCustomer(customer.id, in: tx),
            try OneTimeToken.use(reset.token, for: .passwordReset, at: call.now, in: tx) != nil
        else { throw tokenInvalid }
        try tx.run(
            """
            UPDATE customers SET password_hash = \(hash), updated_at = \(call.now)
            WHERE id = \(customer.id)
            """)
        try endSessions(of: customer.id, at: call.now, in: tx)
        try forgetFailures(of: customer.username, call, in: tx)
        try noticePasswordChange(of: customer, at: call.now, in: tx)
        return .noContent
    }
}

private func activeCustomer(_ id: Int64, in tx: any Transaction) throws -> Customer? {
    try tx.first(
        Customer.self, "WHERE id = \(id) AND status = 'active' \(.alone("customers"))"
    ).flatMap { $0.isGuest ? nil : $0 }
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
