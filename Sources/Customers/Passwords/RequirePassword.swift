import HTTP
import Service
import Storage

let wrongCurrentPassword = Problem.forbidden(
    "The current password is wrong.", code: "invalid_credentials")

/// Compares `password` with that of the caller, who must own the account in the path.
///
/// Without the limit on guesses, a stolen access token would bypass that of logins. If the password
/// is right, `second` decides.
/// - Returns: the stored hash that was compared.
/// - Throws: `Problem` 404, 403 `forbidden` for another account; 429 `login_locked`; the problem
///   `otherwise`, by default 403 `invalid_credentials`, if the guess is wrong.
func requirePassword(
    _ password: String, _ call: Call, second: () throws -> Bool = { true },
    otherwise: () -> Problem = { wrongCurrentPassword }
) throws -> String {
    let attempt = PasswordAttempt(call.caller.username, customer: call.caller.id, call)
    let stored = try call.read { tx in
        try requireSelf(call, in: tx)
        try attempt.refuseWhileLocked(in: tx)
        return try passwordHash(of: call.caller.id, in: tx)
    }
    guard try attempt.isRight(password, for: stored, .change, second: second) else {
        throw otherwise()
    }
    return stored
}

private func passwordHash(of customer: Int64, in tx: any Transaction) throws -> String {
    let row = try tx.first("SELECT password_hash FROM customers WHERE id = \(customer)")
    guard let row else { throw customerNotFound }
    return try row["password_hash"]
}
