import HTTP
import Service
import Storage

/// The code of an authenticator app, or a recovery code, beside a password.
struct SecondFactorGuess: Sendable {
    let code: String?
    let recoveryCode: String?

    /// Reads `code` and `recovery_code`, of which at most one may be sent.
    init(_ fields: inout Fields) {
        code = fields.optional("code", .timeCode)
        recoveryCode = fields.optional("recovery_code", .typed(1...100))
        if code != nil, recoveryCode != nil {
            fields.fault("recovery_code", "must not be sent together with code")
        }
    }

    var isMissing: Bool { code == nil && recoveryCode == nil }

    /// Whether the account has no second factor, or the guess is right.
    ///
    /// A right guess is used up. It commits at once: a code is used even if the rest of the request fails.
    /// - Throws: `Problem` 401 `totp_required` if there is no guess.
    func spend(of customer: Int64, _ call: Call) throws -> Bool {
        let factor = try call.read { try SecondFactor.confirmed(of: customer, in: $0) }
        guard let factor else { return true }
        if let code { return try spend(code, of: factor, call) }
        if let recoveryCode {
            let hash = RecoveryCode(typed: recoveryCode).hash
            return try call.commit { tx in
                try tx.run(
                    "DELETE FROM recovery_codes WHERE customer_id = \(customer) AND hash = \(hash)")
            } == 1
        }
        throw Problem.unauthorized(
            "totp_required",
            "The account has a second factor. Send code or recovery_code with the password.")
    }

    private func spend(_ code: String, of factor: SecondFactor, _ call: Call) throws -> Bool {
        guard let step = try factor.step(of: code, in: call.shop, at: call.now) else {
            return false
        }
        // After a key rotation, the next use encrypts the secret again.
        let (secret, isCurrent) = try factor.open(in: call.shop, at: call.now)
        let sealed = isCurrent ? factor.sealed : SecondFactor.seal(secret, in: call.shop)
        return try call.commit { tx in
            // Of many requests with the same code, one changes the row.
            try tx.run(
                """
                UPDATE second_factors SET last_step = \(step), secret = \(sealed)
                WHERE customer_id = \(factor.customer) AND last_step < \(step)
                    AND secret = \(factor.sealed)
                """)
        } == 1
    }
}

extension Check<String> {
    /// Six digits.
    static let timeCode = Check.ascii(6...6, rule: "must be 6 digits") {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
    }
}
