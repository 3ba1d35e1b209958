import Glibc
import Threads

/// A cache of tokens whose signature has been verified.
///
/// Verifying a signature takes longer than reading a product. The cache holds only facts that
/// cannot change. Each request checks the validity of the key, the token's expiry and the session.
final class VerifiedTokens: Sendable {
    /// The facts that a valid signature proves.
    struct Signature: Sendable {
        let claims: Tokens.Claims
        /// The expiry time in seconds since 1970.
        let expiresAtSeconds: Int64
        /// The secret that signed the token.
        let key: [UInt8]
    }

    /// The number of tokens at which the cache is cleared.
    ///
    /// That is 2 MiB, and more tokens than most shops have in use at once.
    private static let countMax = 4096

    private let signatures = ReadWriteLocked<[Text: Signature]>([:])

    /// The cached entry of `token`, if one of `keys` signed it.
    func find(_ token: String, among keys: [[UInt8]]) -> Signature? {
        let text = Text(token)
        guard let signature = signatures.read({ $0[text] }), keys.contains(signature.key)
        else { return nil }
        return signature
    }

    /// Stores the verified facts about `token`.
    func remember(_ token: String, _ signature: Signature) {
        let text = Text(token)
        signatures.change {
            if $0.count >= VerifiedTokens.countMax { $0.removeAll(keepingCapacity: true) }
            $0[text] = signature
        }
    }

    /// Compares tokens by bytes: as Strings, the kelvin sign would equal K.
    private struct Text: Hashable {
        let bytes: [UInt8]

        init(_ token: String) {
            bytes = Array(token.utf8)
        }

        static func == (left: Text, right: Text) -> Bool {
            left.bytes.count == right.bytes.count
                && memcmp(left.bytes, right.bytes, left.bytes.count) == 0
        }

        /// Hashes all bytes at once.
        ///
        /// Hashing an array element by element took longer than the rest
        /// of the lookup.
        func hash(into hasher: inout Hasher) {
            bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
    }
}
