import CSodium
import Service
import Storage

/// What continues a session once: 256 bits in base64url without padding.
struct RefreshToken {
    let text: String

    /// The first of a session.
    static func random() -> RefreshToken {
        var bytes = [UInt8](repeating: 0, count: 32)
        randombytes_buf(&bytes, bytes.count)
        return RefreshToken(text: base64(bytes))
    }

    /// The one that follows this: as good as random to whoever lacks the shop's key, and the same
    /// each time, so that a client which lost the answer can be given it again without our keeping
    /// it.
    ///
    /// By each of the keys, the present one first: the client may ask again after a rotation.
    func successors(in shop: Shop, at now: Instant) -> [RefreshToken] {
        shop.keys(for: "refresh token", at: now).map {
            RefreshToken(text: base64(blake2b(Array(text.utf8), key: $0)))
        }
    }

    /// What is stored.
    ///
    /// With so much chance in the token, a slow hash would add nothing.
    var hash: String { base64(blake2b(Array(text.utf8))) }
}
