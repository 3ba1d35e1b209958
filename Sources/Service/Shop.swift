import CSodium
import Crypto
import Storage
public import Values

/// The settings of a shop that the slices need, read once at the start.
public struct Shop: Sendable {
    /// The ISO 4217 code of the currency.
    public let currency: String
    /// Signs and verifies access tokens.
    public let tokens: Tokens
    /// The lifetime of a session without a refresh, in seconds.
    public let refreshTokenSeconds: Int64
    /// How the shop takes money.
    public let payments: PaymentOptions
    /// Whether all callers see how many units are in stock, and not only staff.
    public let showsStock: Bool
    /// Whether moderators, staff and admins must have a second factor.
    public let staffTotp: Bool
    /// Whether repeated login failures for a username are throttled.
    ///
    /// It is off only in tests and benchmarks.
    public let throttlesLogins: Bool
    /// What a hash of a new password costs; tests lower it.
    public let passwordCost: PasswordCost
    /// The requests that wait for a change.
    public let waiting: WaitingRequests
    /// When stored responses are cleaned up.
    let cleanup = Cleanup()
    /// The hosts, or `host:port`, that may receive webhooks at a private address and over http.
    public let webhookHosts: [String]
    /// Whether the prices of products and of shipping contain the tax.
    public let pricesIncludeTax: Bool
    /// The country whose tax rates apply to an order without an address; nil for none.
    public let country: String?
    /// For how many days after the delivery customers can request returns, 0 to 3,650.
    public let returnDays: Int64
    /// The shop as invoices name it.
    public let seller: Seller
    private let keys: KeyRing

    /// Creates a shop from its settings.
    public init(
        currency: String, keys: KeyRing, accessTokenSeconds: Int64, refreshTokenSeconds: Int64,
        payments: PaymentOptions = PaymentOptions(), showsStock: Bool = false,
        staffTotp: Bool = false, throttlesLogins: Bool,
        passwordCost: PasswordCost = .standard, waitsMax: Int = 1, webhookHosts: [String] = [],
        pricesIncludeTax: Bool = true, country: String? = nil, returnDays: Int64 = 14,
        seller: Seller = Seller()
    ) {
        // Before the first digest, because it selects the fastest implementation for the processor.
        precondition(sodium_init() >= 0, "libsodium cannot be used on this machine")
        self.currency = currency
        // At most the lifetime of a session: its tokens must not outlive it.
        self.tokens = Tokens(
            keys: keys, lifetimeSeconds: min(accessTokenSeconds, refreshTokenSeconds))
        self.refreshTokenSeconds = refreshTokenSeconds
        self.payments = payments
        self.showsStock = showsStock
        self.staffTotp = staffTotp
        self.throttlesLogins = throttlesLogins
        self.passwordCost = passwordCost
        waiting = WaitingRequests(atMost: waitsMax)
        self.webhookHosts = webhookHosts
        self.pricesIncludeTax = pricesIncludeTax
        self.country = country
        self.returnDays = returnDays
        self.seller = seller
        self.keys = keys
    }

    /// The 256-bit keys for one purpose, derived from the shop's secrets.
    ///
    /// The first one is current and makes new values. The others verify values from before a key
    /// rotation. Keys of different purposes are independent, so a leak of one reveals nothing about
    /// another.
    public func keys(for purpose: String, at now: Instant) -> [[UInt8]] {
        keys.all(at: now).map { Shop.key(for: purpose, from: $0) }
    }

    /// Encrypts `message` with the present key for a purpose.
    public func seal(_ message: [UInt8], for purpose: String) -> [UInt8] {
        // Use a key that was rotated a moment ago.
        _ = keys.reload()
        return SecretBox.seal(message, key: Shop.key(for: purpose, from: keys.present))
    }

    /// The message in `sealed`, and whether the present key encrypted it.
    ///
    /// - Returns: nil if none of the shop's keys did.
    public func open(
        _ sealed: [UInt8], for purpose: String, at now: Instant
    ) -> (message: [UInt8], isCurrent: Bool)? {
        func find() -> (message: [UInt8], isCurrent: Bool)? {
            for (index, key) in keys(for: purpose, at: now).enumerated() {
                if let message = SecretBox.open(sealed, key: key) { return (message, index == 0) }
            }
            return nil
        }
        return find() ?? (keys.reload() ? find() : nil)
    }

    private static func key(for purpose: String, from secret: [UInt8]) -> [UInt8] {
        Blake2b.hash(Array(purpose.utf8), key: secret)
    }
}
