public import HTTP
public import Storage
public import Values

/// How a customer pays.
public enum PaymentMethod: String, Sendable, CaseIterable, Storable, JSONWritable {
    /// With the money in the wallet.
    case wallet
    /// By card, on a page of the payment provider.
    case card
    /// With no money at all: the payment succeeds at once. For demos and tests.
    case test
    case bankTransfer = "bank_transfer"
    /// To the carrier, or to the shop after delivery.
    case cashOnDelivery = "cash_on_delivery"
    /// Coins and notes that staff have received; no customer can choose it.
    case cash
    /// Gift cards covered the whole order; no customer can choose it.
    case giftCard = "gift_card"

    /// The methods that a shop can offer to its customers.
    public static let offered = allCases.filter { $0 != .cash && $0 != .giftCard }

    /// Whether the money of such an order comes as payments, and was not in the wallet before.
    public var hasPayments: Bool { self != .wallet && self != .giftCard }

    /// Whether a payment provider asks the customer for the money.
    public var hasProvider: Bool { self == .card || self == .test }
}

/// The payment methods of a shop, and what they need.
public struct PaymentOptions: Sendable {
    /// The methods that customers may choose (`SOUK_PAYMENT_METHODS`).
    public let methods: [PaymentMethod]
    /// How Stripe's messages are verified; nil without a key, which turns card payments off.
    public let stripe: StripeOptions?
    /// How long an order waits for a card payment, in seconds (`SOUK_CARD_HOLD_SECONDS`).
    ///
    /// With 1800 or more, it waits for longer if the page on which the customer pays lasts longer.
    public let cardHoldSeconds: Int64
    /// How long an order waits for a bank transfer, in seconds (`SOUK_TRANSFER_HOLD_SECONDS`).
    public let transferHoldSeconds: Int64

    /// Creates options; the default is a shop whose customers pay from their wallets.
    public init(
        methods: [PaymentMethod] = [.wallet], stripe: StripeOptions? = nil,
        cardHoldSeconds: Int64 = 1800, transferHoldSeconds: Int64 = 604_800
    ) {
        self.methods = methods
        self.stripe = stripe
        self.cardHoldSeconds = cardHoldSeconds
        self.transferHoldSeconds = transferHoldSeconds
    }

    /// Whether customers may choose a method.
    public func accepts(_ method: PaymentMethod) -> Bool {
        methods.contains(method) && (method != .card || stripe != nil)
    }

    /// The time until which an order that is paid by `method` holds its units; nil for no limit.
    public func holdEnd(of method: PaymentMethod, at now: Instant) -> Instant? {
        switch method {
        case .card:
            // A shop that chose less than any page lasts wants its units back.
            now.adding(
                seconds: cardHoldSeconds < CardPage.providerSecondsMin
                    ? cardHoldSeconds : max(cardHoldSeconds, CardPage.holdSecondsMin))
        case .test: now.adding(seconds: cardHoldSeconds)
        case .bankTransfer: now.adding(seconds: transferHoldSeconds)
        case .wallet, .cashOnDelivery, .cash, .giftCard: nil
        }
    }
}

/// How long a page lasts on which a customer pays by card.
///
/// Stripe accepts 30 minutes to 24 hours, counted from its own clock when it makes the page
/// (https://docs.stripe.com/api/checkout/sessions/create, `expires_at`).
public enum CardPage {
    /// The shortest life of a page in seconds: the courier may start it 4 minutes after the request.
    public static let secondsMin: Int64 = 35 * 60
    /// The shortest life that Stripe accepts, in seconds.
    static let providerSecondsMin: Int64 = 30 * 60
    /// The longest life of a page in seconds.
    public static let secondsMax: Int64 = 23 * 60 * 60
    /// How long an order waits after its page has ended, in seconds.
    ///
    /// The message about a payment in the last second takes a while.
    public static let messageSeconds: Int64 = 60

    /// The shortest time in seconds for which an order waits.
    static let holdSecondsMin = secondsMin + messageSeconds

    /// The end of the page of an order that holds its units until `hold`; nil for no limit.
    public static func end(beforeHold hold: Instant?, at now: Instant) -> Instant {
        let end = hold?.adding(seconds: -messageSeconds) ?? now
        return min(max(end, now.adding(seconds: secondsMin)), now.adding(seconds: secondsMax))
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
