import Curl
import HTTPTypes
import Outbox
public import Payments
import Sales
import Storage

extension JobHandler {
    /// The handlers that start payments and send refunds at the providers.
    static func payments(with providers: [PaymentProvider], on store: any Store) -> [JobHandler] {
        let courier = PaymentCourier(providers, Sales.paymentObserver) { callProvider($0) }
        return PaymentCourier.kinds.map { kind in
            JobHandler(kind: kind, retrySeconds: PaymentCourier.retrySeconds) { job in
                switch try courier.attempt(job, on: store) {
                case .done(let record): .done { _, tx in try record(tx) }
                case .retry(let error, let record):
                    .retry(error: error) { end, tx in try record(end == .failed, tx) }
                case .failed(let error, let record):
                    .failed(error: error) { _, tx in try record(tx) }
                }
            }
        }
    }
}

/// Sends a request to a provider, whose address is a setting, and waits for the response.
public func callProvider(_ request: ProviderRequest, timeoutMs: Int = 10_000) -> ProviderAnswer {
    guard let url = OutboundURL(trusted: request.url) else {
        return ProviderAnswer(error: "The URL of the provider is not valid.")
    }
    let fields = HTTPFields(named: request.fields)
    let method: HTTPRequest.Method = request.body == nil ? .get : .post
    var outbound = OutboundRequest(method, url, headers: fields, body: request.body)
    outbound.timeoutMs = timeoutMs
    // A page of Stripe's events or refunds has some 100 kB.
    outbound.maxBodyBytes = 1_048_576
    switch outbound.send() {
    case .success(let answer): return ProviderAnswer(status: answer.status, body: answer.body)
    case .failure(let failure): return ProviderAnswer(error: failure.code.rawValue)
    }
}

extension HTTPFields {
    /// Fields with these names and values; a name that is not valid is left out.
    init(named fields: [(name: String, value: String)]) {
        self.init()
        for (name, value) in fields {
            if let name = HTTPField.Name(name) { append(HTTPField(name: name, value: value)) }
        }
    }
}
