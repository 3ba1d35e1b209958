import HTTP
import Values

/// A payment provider: how to start and refund payments, and how to read its messages.
///
/// All calls of the provider run in the courier, outside of any transaction. They may run again with
/// the same values, so the idempotency key is made of `ref`.
public struct PaymentProvider: Sendable {
    /// The name in `payments.provider`.
    let name: String
    /// The time in seconds for which a page must still last when it is made; nil for any time.
    let pageSecondsMin: Int64?
    /// Asks the provider for a page on which the customer pays.
    let start: @Sendable (Payment, Sender) -> ProviderResult<StartedPayment>
    /// Sends an amount back.
    let refund: @Sendable (Payment, Refund, Sender) -> ProviderResult<MadeRefund>
    /// Asks for a refund that may have been made; nil if it was not made.
    let findRefund: @Sendable (Payment, Refund, Sender) -> ProviderResult<MadeRefund?>
    /// Reads a message whose signature was verified.
    ///
    /// It returns nil for a message that does not concern the shop, and throws for one that it
    /// should understand and does not.
    let readEvent: @Sendable (ClientJSON) throws -> ProviderEvent?
}

/// A payment that the provider knows.
struct StartedPayment: Sendable {
    /// The page on which the customer pays.
    let url: String
    /// The provider's session.
    let id: String
    /// What the provider reported in the response.
    var events: [ProviderEvent] = []
}

/// A refund that the provider has made.
struct MadeRefund: Sendable {
    /// The provider's number.
    let id: String
    /// Whether the refund failed, so that the money came back.
    var isFailed = false
}

/// The result of a call of a provider.
enum ProviderResult<Value: Sendable>: Sendable {
    case success(Value)
    /// The result is unknown, or another attempt may succeed.
    case retry(String)
    /// The provider has rejected it permanently.
    case rejected(String)
}

/// An HTTP request to a provider.
public struct ProviderRequest: Sendable {
    /// The URL.
    public let url: String
    /// The header fields.
    public let fields: [(name: String, value: String)]
    /// The content of a POST; nil for a GET.
    public let body: [UInt8]?
}

/// The response of a provider, or the reason why there is none.
public struct ProviderAnswer: Sendable {
    let status: Int?
    let body: [UInt8]
    let error: String?

    /// A response.
    public init(status: Int, body: [UInt8]) {
        (self.status, self.body, error) = (status, body, nil)
    }

    /// A failure of the network.
    public init(error: String) {
        (status, body, self.error) = (nil, [], error)
    }
}

/// Sends a request and waits for the response.
public typealias Sender = @Sendable (ProviderRequest) -> ProviderAnswer
