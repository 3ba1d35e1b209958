import CSodium
import Service

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
    func successor(in shop: Shop) -> RefreshToken {
        RefreshToken(text: base64(blake2b(Array(text.utf8), key: shop.key(for: "refresh token"))))
    }

    /// What is stored.
    ///
    /// With so much chance in the token, a slow hash would add nothing.
    var hash: String { base64(blake2b(Array(text.utf8))) }
}
