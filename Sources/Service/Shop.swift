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

    /// A shop by its settings; `secret` has 32 bytes or more.
    public init(
        currency: String, secret: [UInt8], accessTokenSeconds: Int64, refreshTokenSeconds: Int64,
        selfCharge: Bool, throttlesLogins: Bool
    ) {
        self.currency = currency
        // No longer than the session: one that nobody refreshed in time is over for both tokens.
        self.tokens = Tokens(
            secret: secret, lifetimeSeconds: min(accessTokenSeconds, refreshTokenSeconds))
        self.refreshTokenSeconds = refreshTokenSeconds
        self.selfCharge = selfCharge
        self.throttlesLogins = throttlesLogins
        // A key of its own: no bytes of the signing secret are used for two purposes.
        self.fingerprintKey = Digest.bytes(of: Array("souk request fingerprint".utf8) + secret)
    }
}
