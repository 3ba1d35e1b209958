import Crypto
import HTTP
import Service
import Storage
import Values

/// The authenticator app of an account.
///
/// Its secret is encrypted with a key that is derived from the shop's, so that a stolen database
/// does not give codes.
struct SecondFactor: Sendable {
    let customer: Int64
    /// The encrypted secret in base64url.
    let sealed: String
    /// Nil until the first code; it is not in force before.
    let confirmedAt: Instant?
    /// The step of the last code that was accepted, so that a code works once.
    let lastStep: Int64
    let createdAt: Instant
}

extension SecondFactor: Record {
    static let columns: SQL = "customer_id, secret, confirmed_at, last_step, created_at"
    static let source: SQL = "second_factors"

    init(_ row: Row, _ context: Void) throws {
        self.init(
            customer: try row["customer_id"], sealed: try row["secret"],
            confirmedAt: try row["confirmed_at"], lastStep: try row["last_step"],
            createdAt: try row["created_at"])
    }

    /// The second factor of an account that is in force, or nil.
    static func confirmed(of customer: Int64, in tx: any Transaction) throws -> SecondFactor? {
        try tx.first(
            SecondFactor.self, "WHERE customer_id = \(customer) AND confirmed_at IS NOT NULL")
    }
}

extension SecondFactor {
    /// The purpose of the key that encrypts secrets.
    private static let purpose = "second factor"

    /// Encrypts a secret with the shop's present key.
    static func seal(_ secret: [UInt8], in shop: Shop) -> String {
        Base64URL.encode(shop.seal(secret, for: purpose))
    }

    /// The secret, and whether it is encrypted with the present key.
    /// - Throws: an error that is logged, if none of the shop's keys opens it.
    func open(in shop: Shop, at now: Instant) throws -> (secret: [UInt8], isCurrent: Bool) {
        guard let bytes = Base64URL.decode(sealed.utf8),
            let opened = shop.open(bytes, for: SecondFactor.purpose, at: now)
        else { throw SecondFactorFault.unreadable(customer: customer) }
        return (opened.message, opened.isCurrent)
    }

    /// The step of a code that was not used before, or nil.
    func step(of code: String, in shop: Shop, at now: Instant) throws -> Int64? {
        let secret = try open(in: shop, at: now).secret
        let step = TimeCode.step(of: code, secret: secret, at: now)
        return step.flatMap { $0 > lastStep ? $0 : nil }
    }
}

/// Removes the second factor of an account, and its recovery codes.
///
/// - Returns: whether there was one, in force or not.
@discardableResult
func removeSecondFactor(of customer: Int64, in tx: any Transaction) throws -> Bool {
    try tx.run("DELETE FROM recovery_codes WHERE customer_id = \(customer)")
    return try tx.run("DELETE FROM second_factors WHERE customer_id = \(customer)") == 1
}

/// The secret is encrypted with a key that the shop no longer has.
private enum SecondFactorFault: Error, CustomStringConvertible {
    case unreadable(customer: Int64)

    var description: String {
        switch self {
        case .unreadable(let customer):
            """
            No key of the shop decrypts the second factor of customer \(customer). Restore the \
            key, or run `souk user totp-reset`.
            """
        }
    }
}

let totpNotFound = Problem.notFound("totp_not_found", "The account has no second factor.")
let totpEnabled = Problem.conflict(
    "totp_enabled", "The account has a second factor. Remove it first.")
let codeInvalid = Problem(
    .unprocessableContent, "code_invalid", "The code is wrong, was used before, or has expired.")
