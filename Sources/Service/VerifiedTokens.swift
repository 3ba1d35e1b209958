import Synchronization

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

    private let signatures = Mutex<[String: Signature]>([:])

    /// What is known of `token`, if it was signed by one of `keys`.
    func find(_ token: String, among keys: [[UInt8]]) -> Signature? {
        // Swift takes some letters beyond ASCII for others, such as the sign of the kelvin for a K.
        guard token.utf8.allSatisfy({ $0 < 0x80 }),
            let signature = signatures.withLock({ $0[token] }), keys.contains(signature.key)
        else { return nil }
        return signature
    }

    /// Keeps what was found out about `token`.
    func remember(_ token: String, _ signature: Signature) {
        signatures.withLock {
            if $0.count >= VerifiedTokens.countMax { $0.removeAll(keepingCapacity: true) }
            $0[token] = signature
        }
    }
}
