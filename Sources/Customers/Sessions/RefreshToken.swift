import CSodium
import Crypto
import Service
import Storage
import Values

/// What continues a session once: 256 bits in base64url without padding.
struct RefreshToken {
    let text: String

    /// The first of a session.
    static func random() -> RefreshToken {
        RefreshToken(text: Base64URL.encode(randomBytes(32)))
    }

    /// The one that follows this: as good as random to whoever lacks the shop's key, and the same
    /// each time, so that a client which lost the answer can be given it again without our keeping
    /// it.
    ///
    /// By each of the keys, the present one first: the client may ask again after a rotation.
    func successors(in shop: Shop, at now: Instant) -> [RefreshToken] {
        shop.keys(for: "refresh token", at: now).map {
            RefreshToken(text: Base64URL.encode(Blake2b.hash(Array(text.utf8), key: $0)))
        }
    }

    /// What is stored.
    ///
    /// With so much chance in the token, a slow hash would add nothing.
    var hash: String { Base64URL.encode(Blake2b.hash(Array(text.utf8))) }
}
