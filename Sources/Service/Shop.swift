import CSodium

/// What the slices may need to know of the shop they serve, read once at the start.
public struct Shop: Sendable {
    /// ISO 4217 code of the one currency.
    public let currency: String
    /// Signs and checks access tokens.
    public let tokens: Tokens
    /// How long a session lives without being refreshed, in seconds.
    public let refreshTokenSeconds: Int64
    /// Whether customers may charge their own wallet, as a shop without a payment provider lets
    /// them.
    public let selfCharge: Bool
    /// Whether repeated login failures for a name are slowed down.
    ///
    /// Off only for tests and benchmarks.
    public let throttlesLogins: Bool
    /// Keys the fingerprints of requests, so that whoever steals the table cannot guess from them.
    let fingerprintKey: [UInt8]
    private let secret: [UInt8]

    /// A shop by its settings; `secret` has 32 bytes or more.
    public init(
        currency: String, secret: [UInt8], accessTokenSeconds: Int64, refreshTokenSeconds: Int64,
        selfCharge: Bool, throttlesLogins: Bool
    ) {
        // Before the first digest: it chooses the fastest code this processor has.
        precondition(sodium_init() >= 0, "libsodium cannot be used on this machine")
        self.currency = currency
        self.tokens = Tokens(secret: secret, lifetimeSeconds: accessTokenSeconds)
        self.refreshTokenSeconds = refreshTokenSeconds
        self.selfCharge = selfCharge
        self.throttlesLogins = throttlesLogins
        self.secret = secret
        self.fingerprintKey = Digest.bytes(
            of: Array("request fingerprint".utf8), key: secret, count: 32)
    }

    /// A key of 256 bits that is made from the shop's secret and serves one purpose.
    ///
    /// No bytes are used for two, so what one of them lets out says nothing about another.
    public func key(for purpose: String) -> [UInt8] {
        Digest.bytes(of: Array(purpose.utf8), key: secret, count: 32)
    }
}
