import HTTP
import Values

/// Stripe: Checkout Sessions and Refunds.
///
/// https://docs.stripe.com/api/checkout/sessions, https://docs.stripe.com/api/refunds
public enum StripeProvider {
    static let name = "stripe"
    /// The version of the API for requests; the webhook endpoint is created with the same one.
    public static let apiVersion = "2025-03-31.basil"
    /// The base URL of Stripe's API, unless `SOUK_STRIPE_URL` is set.
    public static let url = "https://api.stripe.com"
    /// Stripe's minimum of 30 minutes, and one more for latency and clock differences.
    static let pageSecondsMin: Int64 = 31 * 60

    /// Stripe with a secret key, at `url` without a slash at its end.
    public static func provider(key: String, url: String) -> PaymentProvider {
        let account = StripeAccount(key: key, url: url)
        return PaymentProvider(
            name: name, pageSecondsMin: pageSecondsMin, start: account.start,
            refund: account.refund, findRefund: account.findRefund,
            readEvent: { try StripeEvent.read($0) })
    }
}

/// The shop's account at Stripe.
struct StripeAccount: Sendable {
    let key: String
    let url: String

    @Sendable func start(_ payment: Payment, _ send: Sender) -> ProviderResult<StartedPayment> {
        let page = payment.returnURL ?? ""
        let name = payment.order.map { "Order \($0)" } ?? "Wallet top-up"
        let end = payment.expiresAt.milliseconds / 1000
        guard let amount = StripeAmount.amount(payment.amount, payment.currency) else {
            return .rejected("Stripe cannot express the amount.")
        }
        let form = FormBody([
            ("mode", "payment"),
            // Other methods may take days, and the order does not wait for so long.
            ("payment_method_types[0]", "card"),
            ("client_reference_id", payment.ref),
            ("success_url", page),
            ("cancel_url", page),
            ("expires_at", "\(end)"),
            ("metadata[souk_payment]", payment.ref),
            ("payment_intent_data[metadata][souk_payment]", payment.ref),
            ("line_items[0][quantity]", "1"),
            ("line_items[0][price_data][currency]", payment.currency.lowercased()),
            ("line_items[0][price_data][unit_amount]", "\(amount)"),
            ("line_items[0][price_data][product_data][name]", name),
        ])
        // A key goes with one set of parameters, and `expires_at` is the one that may change.
        return call("/v1/checkout/sessions", form, "\(payment.ref)-\(end)", send) { session in
            guard let id = session.text("id"), let url = session.text("url") else { return nil }
            return StartedPayment(url: url, id: id)
        }
    }

    @Sendable func refund(_ payment: Payment, _ refund: Refund, _ send: Sender)
        -> ProviderResult<MadeRefund>
    {
        guard let name = payment.providerPayment else {
            return .rejected("The provider has not named the payment.")
        }
        guard let amount = StripeAmount.amount(refund.amount, payment.currency) else {
            return .rejected("Stripe cannot express the amount.")
        }
        let form = FormBody([
            ("payment_intent", name),
            ("amount", "\(amount)"),
            ("metadata[souk_payment]", payment.ref),
            ("metadata[souk_refund]", refund.ref),
        ])
        return call("/v1/refunds", form, refund.ref, send) { MadeRefund($0) }
    }

    /// Looks for a refund among those of its payment, by the reference in its metadata.
    @Sendable func findRefund(_ payment: Payment, _ refund: Refund, _ send: Sender)
        -> ProviderResult<MadeRefund?>
    {
        guard let name = payment.providerPayment else { return .success(nil) }
        let path = "/v1/refunds?limit=100&payment_intent=\(FormBody.escaped(name))"
        var next = ""
        while true {
            let result = call(path + next, nil, nil, send) { list in
                list.flag("has_more").map { (refunds: list.list("data"), hasMore: $0) }
            }
            switch result {
            case .retry(let error), .rejected(let error): return .retry(error)
            case .success(let page):
                let found = page.refunds.first {
                    $0.member("metadata")?.text("souk_refund") == refund.ref
                }
                if let found {
                    guard let made = MadeRefund(found) else {
                        return .retry("Stripe's answer cannot be read.")
                    }
                    return .success(made)
                }
                guard page.hasMore else { return .success(nil) }
                guard let last = page.refunds.last?.text("id") else {
                    return .retry("Stripe's answer cannot be read.")
                }
                next = "&starting_after=\(FormBody.escaped(last))"
            }
        }
    }

    /// A page of the messages since a time, newest first, to find messages that were lost.
    func events(since seconds: Int64, after last: String?, _ send: Sender)
        -> ProviderResult<(events: [ClientJSON], last: String?)>
    {
        var path = "/v1/events?limit=20&created%5Bgte%5D=\(seconds)"
        if let last { path += "&starting_after=\(last)" }
        return call(path, nil, nil, send) { list in
            let events = list.list("data")
            let hasMore = list.flag("has_more")
            return (events, hasMore == true ? events.last?.text("id") : nil)
        }
    }

    private func call<Value>(
        _ path: String, _ form: FormBody?, _ idempotencyKey: String?, _ send: Sender,
        _ read: (ClientJSON) -> Value?
    ) -> ProviderResult<Value> {
        var fields = [
            (name: "Authorization", value: "Bearer \(key)"),
            (name: "Stripe-Version", value: StripeProvider.apiVersion),
        ]
        if form != nil {
            fields.append((name: "Content-Type", value: "application/x-www-form-urlencoded"))
        }
        if let idempotencyKey {
            fields.append((name: "Idempotency-Key", value: idempotencyKey))
        }
        let answer = send(ProviderRequest(url: url + path, fields: fields, body: form?.bytes))
        guard let status = answer.status else { return .retry(answer.error ?? "No response.") }
        let json = try? ClientJSON(parsing: answer.body)
        guard (200..<300).contains(status) else {
            let error = json?.member("error")
            let reason = error?.beginning("message") ?? error?.beginning("code") ?? ""
            let text = "Stripe answered \(status): \(reason)"
            // 401: the key is wrong, which the operator can repair. 409: an attempt is in progress.
            let mayPass = [401, 403, 408, 409, 425, 429].contains(status) || status >= 500
            return mayPass ? .retry(text) : .rejected(text)
        }
        guard let json, let value = read(json) else {
            return .retry("Stripe's answer cannot be read.")
        }
        return .success(value)
    }
}

extension MadeRefund {
    /// Reads a refund of Stripe; nil if it is none.
    fileprivate init?(_ refund: ClientJSON) {
        guard let id = refund.text("id"), let status = refund.text("status") else { return nil }
        self.init(id: id, isFailed: ["failed", "canceled"].contains(status))
    }
}

/// A body of the type `application/x-www-form-urlencoded`.
struct FormBody: Sendable {
    let bytes: [UInt8]

    init(_ fields: [(String, String)]) {
        bytes = Array(
            fields.map { "\(FormBody.escaped($0))=\(FormBody.escaped($1))" }
                .joined(separator: "&").utf8)
    }

    static func escaped(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default: escaped += "%\([byte].hexadecimal.uppercased())"
            }
        }
        return escaped
    }
}
