import CSodium
import Crypto

/// The secret of an API key: `sk_` and 256 random bits in base64url without padding.
///
/// The shop stores only its hash. The first 8 characters after `sk_` are public: they find the key
/// and name it in lists. The other 208 bits are secret.
public struct ApiKey: Sendable, Equatable {
    /// The whole key, as its owner sees it once.
    public let text: String

    private static let mark = "sk_"
    private static let prefixCount = 8
    private static let byteCount = 32
    /// The length of `byteCount` bytes in base64url.
    private static let secretCount = 43

    private init(text: String) {
        self.text = text
    }

    /// Creates a new key.
    public static func random() -> ApiKey {
        ApiKey(text: mark + Base64URL.encode(randomBytes(byteCount)))
    }

    /// Whether a bearer token is meant as an API key, and is not a JWT.
    static func isMeant(by token: some Collection<UInt8>) -> Bool { token.starts(with: mark.utf8) }

    /// Reads a bearer token; nil if it has another form than a key.
    init?(_ token: some Collection<UInt8>) {
        let secret = token.dropFirst(ApiKey.mark.utf8.count)
        guard ApiKey.isMeant(by: token), secret.count == ApiKey.secretCount,
            Base64URL.decode(secret)?.count == ApiKey.byteCount
        else { return nil }
        text = String(decoding: token, as: UTF8.self)
    }

    /// The public part, which finds the key.
    public var prefix: String {
        String(
            decoding: text.utf8.dropFirst(ApiKey.mark.utf8.count).prefix(ApiKey.prefixCount),
            as: UTF8.self)
    }

    /// The hash that is stored.
    ///
    /// The key is random enough that a slow hash would add nothing.
    public var hash: String { Base64URL.encode(Blake2b.hash(Array(text.utf8))) }

    /// Whether `hash` is that of this key, in a time that does not depend on the difference.
    public func matches(_ hash: String) -> Bool {
        let own = Array(self.hash.utf8)
        let other = Array(hash.utf8)
        return own.count == other.count && sodium_memcmp(own, other, own.count) == 0
    }
}

/// What a request proves its caller's identity with.
public enum Credential: Sendable, Equatable {
    /// A verified access token of a session.
    case session(Tokens.Claims)
    /// An API key as it was sent, not verified yet.
    case key(ApiKey)
    /// The token of a guest's order as it was sent, not verified yet.
    case order(String)

    /// Whether its form alone shows that the shop has issued it.
    var isSigned: Bool { if case .session = self { true } else { false } }
}
