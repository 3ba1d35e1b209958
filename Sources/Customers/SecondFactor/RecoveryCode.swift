import Crypto
import Storage

/// A code that replaces the authenticator app once: 80 random bits, as `abcd-efgh-ijkl-mnop`.
struct RecoveryCode {
    /// 16 letters and digits without hyphens.
    private let letters: String

    /// Without 0, 1, l and o, which resemble each other.
    private static let alphabet = Array("23456789abcdefghijkmnpqrstuvwxyz".utf8)
    private static let count = 16

    /// Creates a code.
    static func random() -> RecoveryCode {
        // 5 of the 8 bits of each byte choose among 32 letters.
        let letters = randomBytes(count).map { alphabet[Int($0) % alphabet.count] }
        return RecoveryCode(letters: String(decoding: letters, as: UTF8.self))
    }

    private init(letters: String) {
        self.letters = letters
    }

    /// Reads a code as people type it, with or without hyphens and spaces, in any case.
    init(typed: String) {
        let separators = Array("- ".utf8)
        letters = String(
            decoding: typed.utf8.filter { !separators.contains($0) }.map {
                (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0
            }, as: UTF8.self)
    }

    /// The form that is shown.
    var text: String {
        stride(from: 0, to: RecoveryCode.count, by: 4).map {
            String(decoding: letters.utf8.dropFirst($0).prefix(4), as: UTF8.self)
        }.joined(separator: "-")
    }

    /// The hash that is stored.
    ///
    /// The code is random enough that a slow hash would add nothing.
    var hash: String { Base64URL.encode(Blake2b.hash(Array(letters.utf8))) }
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
