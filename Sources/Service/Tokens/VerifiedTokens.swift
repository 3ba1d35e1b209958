import Glibc
import Threads

/// Tokens whose signature was found good a while ago: to find that out takes longer than to read a
/// product.
///
/// Only what cannot change is kept. Whether the key is still good, the token's time and the session
/// are asked on each request.
final class VerifiedTokens: Sendable {
    /// What a good signature vouches for.
    struct Signature: Sendable {
        let claims: Tokens.Claims
        /// Seconds since 1970.
        let expiresAtSeconds: Int64
        /// The secret that made it.
        let key: [UInt8]
    }

    /// Beyond these all are forgotten, and found out anew: 2 MiB, and more than are in use at once
    /// in most shops.
    private static let countMax = 4096

    private let signatures = ReadWriteLocked<[Text: Signature]>([:])

    /// What is known of `token`, if it was signed by one of `keys`.
    func find(_ token: String, among keys: [[UInt8]]) -> Signature? {
        let text = Text(token)
        guard let signature = signatures.read({ $0[text] }), keys.contains(signature.key)
        else { return nil }
        return signature
    }

    /// Keeps what was found out about `token`.
    func remember(_ token: String, _ signature: Signature) {
        let text = Text(token)
        signatures.change {
            if $0.count >= VerifiedTokens.countMax { $0.removeAll(keepingCapacity: true) }
            $0[text] = signature
        }
    }

    /// A token's bytes: as a text the sign of the kelvin would be the same as a K.
    private struct Text: Hashable {
        let bytes: [UInt8]

        init(_ token: String) {
            bytes = Array(token.utf8)
        }

        static func == (left: Text, right: Text) -> Bool {
            left.bytes.count == right.bytes.count
                && memcmp(left.bytes, right.bytes, left.bytes.count) == 0
        }

        /// All at once: an array is hashed element by element, which took longer than the rest of
        /// looking it up.
        func hash(into hasher: inout Hasher) {
            bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
    }
}
