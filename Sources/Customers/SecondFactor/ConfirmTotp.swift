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
/// The response contains the recovery codes, so it is not stored under an idempotency key.
@Sendable func confirmTotp(_ confirmation: TotpConfirmation, _ call: Call) throws -> Response {
    try call.refuseDryRun()
    return try call.write(remembered: false) { tx in
        try requireSelf(call, in: tx, .held("customers"))
        let factor = try tx.first(
            SecondFactor.self,
            "WHERE customer_id = \(call.caller.id) \(.alone("second_factors"))")
        guard let factor else { throw totpNotFound }
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

private struct NewRecoveryCodes: JSONWritable {
    let codes: [RecoveryCode]

    func write(to json: inout JSONWriter) {
        json.object { $0.field("recovery_codes", codes.map(\.text)) }
    }
}
