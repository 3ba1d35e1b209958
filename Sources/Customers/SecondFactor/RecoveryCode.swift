import Crypto
import Service
import Storage

/// A code that replaces the authenticator app once.
struct RecoveryCode {
    private let code: TypedCode

    /// Creates a code of 120 random bits.
    static func random() -> RecoveryCode { RecoveryCode(code: .random(letters: 24)) }

    private init(code: TypedCode) {
        self.code = code
    }

    /// Reads a code as people type it.
    init(typed: String) {
        code = TypedCode(typed: typed)
    }

    /// The form that is shown.
    var text: String { code.text }

    /// The hash that is stored.
    ///
    /// The code is random enough that a slow hash would add nothing: OWASP ASVS 6.5.2 requires one
    /// below 112 bits.
    var hash: String { Base64URL.encode(Blake2b.hash(Array(code.letters.utf8))) }
}

/// Recovery codes of an account after each enrolment.
private let recoveryCodesMax = 10

/// Replaces the recovery codes of an account.
func addRecoveryCodes(of customer: Int64, in tx: any Transaction) throws -> [RecoveryCode] {
    try tx.run("DELETE FROM recovery_codes WHERE customer_id = \(customer)")
    let codes = (0..<recoveryCodesMax).map { _ in RecoveryCode.random() }
    for code in codes {
        try tx.run(
            "INSERT INTO recovery_codes (customer_id, hash) VALUES (\(customer), \(code.hash))")
    }
    return codes
}
