import HTTP
import Service
import Storage

/// The body of `POST /customers/{username}/totp/confirm`.
struct TotpConfirmation: Input {
    let code: String

    init(_ fields: inout Fields) {
        code = fields.required("code", .timeCode)
    }
}

/// Puts the second factor in force, after a code has proved that the app has its secret.
///
/// The response contains the recovery codes.
@Sendable func confirmTotp(_ confirmation: TotpConfirmation, _ call: Call) throws -> Response {
    try call.refuseDryRun()
    try refuseWrongCode(confirmation.code, call)
    return try call.writeSealed { tx in
        guard let factor = try ownFactor(call, in: tx) else { throw totpNotFound }
        guard factor.confirmedAt == nil else { throw totpEnabled }
        let step = try factor.step(of: confirmation.code, in: call.shop, at: call.now)
        guard let step else { throw codeInvalid }
        // The code is used up: a login needs the next one.
        try tx.run(
            """
            UPDATE second_factors SET confirmed_at = \(call.now), last_step = \(step)
            WHERE customer_id = \(call.caller.id)
            """)
        try notice(.addedSecondFactor, of: call.caller.id, at: call.now, in: tx)
        return .ok(NewRecoveryCodes(codes: try addRecoveryCodes(of: call.caller.id, in: tx)))
    }
}

/// Compares the code of an enrolment, and counts a wrong one like a wrong password.
///
/// The transaction commits its count before the next guess is compared, because it locks the row.
/// Without an enrolment to confirm there is nothing to guess.
///
/// - Throws: `Problem` 422 `code_invalid`, 429 `login_locked`.
private func refuseWrongCode(_ code: String, _ call: Call) throws {
    let attempt = PasswordAttempt(call.caller.username, customer: call.caller.id, call)
    let isWrong = try call.commit { tx in
        guard let factor = try ownFactor(call, in: tx), factor.confirmedAt == nil else {
            return false
        }
        try attempt.refuseWhileLocked(in: tx)
        guard try factor.step(of: code, in: call.shop, at: call.now) == nil else { return false }
        try attempt.countFailure(in: tx)
        return true
    }
    if isWrong { throw codeInvalid }
}

/// The second factor of the caller, who must own the account in the path.
private func ownFactor(_ call: Call, in tx: any Transaction) throws -> SecondFactor? {
    try requireSelf(call, in: tx, .held("customers"))
    return try tx.first(
        SecondFactor.self, "WHERE customer_id = \(call.caller.id) \(.alone("second_factors"))")
}

private struct NewRecoveryCodes: JSONWritable {
    let codes: [RecoveryCode]

    func write(to json: inout JSONWriter) {
        json.object { $0.field("recovery_codes", codes.map(\.text)) }
    }
}
