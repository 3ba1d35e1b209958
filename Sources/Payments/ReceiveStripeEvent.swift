import HTTP
import Service
import Storage
import Synchronization

/// Counts of Stripe's messages since the start of the process, for metrics.
public enum StripeMessageCounts {
    private static let refusedCount = Atomic(0)
    private static let ignoredCount = Atomic(0)
    private static let unmatchedCount = Atomic(0)

    /// Messages without a valid signature.
    public static var refused: Int { refusedCount.load(ordering: .relaxed) }
    /// Messages of the other mode, or of a type that does not concern the shop.
    public static var ignored: Int { ignoredCount.load(ordering: .relaxed) }
    /// Messages about payments that the shop does not know.
    public static var unmatched: Int { unmatchedCount.load(ordering: .relaxed) }

    fileprivate static func refuse() { refusedCount.add(1, ordering: .relaxed) }
    fileprivate static func ignore() { ignoredCount.add(1, ordering: .relaxed) }
    fileprivate static func noteUnmatched() { unmatchedCount.add(1, ordering: .relaxed) }
}

/// Books a message of Stripe.
///
/// The signature over the bytes is verified before anything else is read. Stripe repeats a message
/// until it gets a 2xx, so the response follows the commit.
///
/// - Throws: `Problem` 400 `signature_invalid` or `invalid_event`; 404 `not_found` if the shop has
///   no account at Stripe.
func receiveStripeEvent(_ observer: PaymentObserver) -> @Sendable (Call) throws -> Response {
    { call in
        guard let stripe = call.shop.payments.stripe else { throw Problem.notFound() }
        let body = call.request.body
        guard let field = call.request.field(.stripeSignature),
            let signature = StripeSignature(field),
            signature.isValid(for: body, stripe.webhookSecrets, at: call.now)
        else {
            StripeMessageCounts.refuse()
            throw Problem.badRequest(
                "signature_invalid", "The message has no valid and recent signature.")
        }
        let message: ClientJSON
        let event: ProviderEvent?
        do {
            message = try ClientJSON(parsing: body)
            event = message.flag("livemode") == stripe.isLive ? try StripeEvent.read(message) : nil
        } catch {
            // Not a 2xx, so that the operator sees it in Stripe's dashboard.
            throw Problem.badRequest("invalid_event", "The message cannot be read.")
        }
        guard let event else {
            StripeMessageCounts.ignore()
            return .ok(MessageReceipt(result: "ignored"))
        }
        let now = call.now
        let result = try call.commit { tx in
            try record(event, from: StripeProvider.name, at: now, in: tx, observer)
        }
        if result == .unmatched { StripeMessageCounts.noteUnmatched() }
        return .ok(MessageReceipt(result: result.rawValue))
    }
}

/// The response to a message.
private struct MessageReceipt: JSONWritable {
    let result: String

    func write(to json: inout JSONWriter) {
        json.object { $0.field("result", result) }
    }
}
