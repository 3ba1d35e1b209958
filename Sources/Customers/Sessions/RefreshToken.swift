import CSodium
import Crypto
import Service
import Storage
import Values

/// A token that extends a session once: 256 bits in base64url without padding.
struct RefreshToken {
    let text: String

    /// Creates the first token of a session.
    static func random() -> RefreshToken {
        RefreshToken(text: Base64URL.encode(randomBytes(32)))
    }

    /// Returns the token that follows this one, derived with each of the keys.
    ///
    /// Without the shop's key it is as unpredictable as a random token. It is the same each time,
    /// so a client that lost the response can get it again although it is not stored. The present
    /// key comes first. The others serve a client that retries after a key rotation.
    func successors(in shop: Shop, at now: Instant) -> [RefreshToken] {
        shop.keys(for: "refresh token", at: now).map {
            RefreshToken(text: Base64URL.encode(Blake2b.hash(Array(text.utf8), key: $0)))
        }
    }

    /// The hash that is stored.
    ///
    /// The token is random enough that a slow hash would add nothing.
    var hash: String { Base64URL.encode(Blake2b.hash(Array(text.utf8))) }
}
