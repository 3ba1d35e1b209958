public import HTTP
public import Storage

/// How a customer pays.
public enum PaymentMethod: String, Sendable, CaseIterable, Storable, JSONWritable {
    /// With the money in the wallet.
    case wallet
    /// By card, on a page of the payment provider.
    case card
    /// With no money at all: the payment succeeds at once. For demos and tests.
    case test
    case bankTransfer = "bank_transfer"
    case cashOnDelivery = "cash_on_delivery"
}

/// The payment methods of a shop, and what they need.
public struct PaymentOptions: Sendable {
    /// The methods that customers may choose (`SOUK_PAYMENT_METHODS`).
    public let methods: [PaymentMethod]
    /// How Stripe's messages are verified; nil without a key, which turns card payments off.
    public let stripe: StripeOptions?

    /// Creates options; the default is a shop whose customers pay from their wallets.
    public init(methods: [PaymentMethod] = [.wallet], stripe: StripeOptions? = nil) {
        self.methods = methods
        self.stripe = stripe
    }

    /// Whether customers may choose a method.
    public func accepts(_ method: PaymentMethod) -> Bool {
        methods.contains(method) && (method != .card || stripe != nil)
    }
}

/// What a responder knows about the shop's account at Stripe.
public struct StripeOptions: Sendable {
    /// Whether the key moves real money; messages of the other mode are ignored.
    public let isLive: Bool
    /// The secrets that sign Stripe's messages; two while they are changed.
    public let webhookSecrets: [String]

    /// Creates options.
    public init(isLive: Bool, webhookSecrets: [String]) {
        self.isLive = isLive
        self.webhookSecrets = webhookSecrets
    }
}
