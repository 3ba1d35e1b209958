import HTTP
import Values

/// A payment provider: how a payment begins, how money goes back, and what its messages say.
///
/// The first two run in the courier, outside of any transaction. They may run again with the same
/// values, so they pass `ref` as the idempotency key.
public struct PaymentProvider: Sendable {
    /// The name in `payments.provider`.
    let name: String
    /// Asks the provider for a page on which the customer pays.
    let start: @Sendable (Payment, Sender) -> ProviderResult<StartedPayment>
    /// Sends an amount back.
    let refund: @Sendable (Payment, Refund, Sender) -> ProviderResult<String>
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
    /// What happened at once.
    var events: [ProviderEvent] = []
}

/// What became of a call of a provider.
enum ProviderResult<Value: Sendable>: Sendable {
    case success(Value)
    /// The result is unknown, or another attempt may succeed.
    case retry(String)
    /// The provider has refused it for good.
    case rejected(String)
}

/// An HTTP request to a provider.
public struct ProviderRequest: Sendable {
    /// Where to.
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
