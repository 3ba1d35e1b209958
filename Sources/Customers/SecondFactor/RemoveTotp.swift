import HTTP
import Service
import Storage

/// The body of `DELETE /customers/{username}/totp`.
struct TotpRemoval: Input {
    let password: String
    let guess: SecondFactorGuess

    init(_ fields: inout Fields) {
        password = fields.required("current_password", .guess)
        guess = SecondFactorGuess(&fields)
        if guess.isMissing { fields.fault("code", "is missing") }
    }
}

@Sendable func removeTotp(_ removal: TotpRemoval, _ call: Call) throws -> Response {
    try call.refuseDryRun()
    let factor = try call.read { tx in
        try requireSelf(call, in: tx)
        return try SecondFactor.confirmed(of: call.caller.id, in: tx)
    }
    guard factor != nil else { throw totpNotFound }
    var isCodeWrong = false
    _ = try requirePassword(removal.password, call) {
        let isRight = try removal.guess.spend(of: call.caller.id, call)
        // A wrong code counts like a wrong password, but is reported as what it is.
        isCodeWrong = !isRight
        return isRight
    } otherwise: {
        isCodeWrong ? codeInvalid : wrongCurrentPassword
    }
    return try call.write(remembered: false) { tx in
        try requireSelf(call, in: tx, .held("customers"))
        guard try removeSecondFactor(of: call.caller.id, in: tx) else { throw totpNotFound }
        try notice(.removedSecondFactor, of: call.caller.id, at: call.now, in: tx)
        return .noContent
    }
}
