import CSodium
import Crypto
import Storage
public import Values

/// What the slices may need to know of the shop they serve, read once at the start.
public struct Shop: Sendable {
    /// ISO 4217 code of the one currency.
    public let currency: String
    /// Signs and checks access tokens.
    public let tokens: Tokens
    /// How long a session lives without being refreshed, in seconds.
    public let refreshTokenSeconds: Int64
    /// Whether customers may credit their own wallet, as a shop without a payment provider lets
    /// them.
    public let selfCharge: Bool
    /// Whether everybody sees how many units are in stock, and not staff alone.
    public let showsStock: Bool
    /// Whether repeated login failures for a name are slowed down.
    ///
    /// Off only for tests and benchmarks.
    public let throttlesLogins: Bool
    private let keys: KeyRing

    /// A shop by its settings.
    public init(
        currency: String, keys: KeyRing, accessTokenSeconds: Int64, refreshTokenSeconds: Int64,
        selfCharge: Bool, showsStock: Bool = false, throttlesLogins: Bool
    ) {
        // Before the first digest: it chooses the fastest code this processor has.
        precondition(sodium_init() >= 0, "libsodium cannot be used on this machine")
        self.currency = currency
        // No longer than the session: one that nobody refreshed in time is over for both tokens.
        self.tokens = Tokens(
            keys: keys, lifetimeSeconds: min(accessTokenSeconds, refreshTokenSeconds))
        self.refreshTokenSeconds = refreshTokenSeconds
        self.selfCharge = selfCharge
        self.showsStock = showsStock
        self.throttlesLogins = throttlesLogins
        self.keys = keys
    }

    /// Keys of 256 bits that are made from the shop's secrets and serve one purpose, the present
    /// one first, which is the one to use; the others are for what was made before a rotation.
    ///
    /// No bytes are used for two, so what one of them lets out says nothing about another.
    public func keys(for purpose: String, at now: Instant) -> [[UInt8]] {
        keys.all(at: now).map { Blake2b.hash(Array(purpose.utf8), key: $0) }
    }
}
