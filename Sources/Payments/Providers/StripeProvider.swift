import HTTP
import Values

/// Stripe: Checkout Sessions and Refunds.
///
/// https://docs.stripe.com/api/checkout/sessions, https://docs.stripe.com/api/refunds
public enum StripeProvider {
    static let name = "stripe"
    /// The version of the API for requests; the webhook endpoint is created with the same one.
    public static let apiVersion = "2025-03-31.basil"
    /// Where Stripe is, unless `SOUK_STRIPE_URL` says otherwise.
    public static let url = "https://api.stripe.com"

    /// Stripe with a secret key, at `url` without a slash at its end.
    public static func provider(key: String, url: String) -> PaymentProvider {
        let account = StripeAccount(key: key, url: url)
        return PaymentProvider(
            name: name, start: account.start, refund: account.refund,
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
        let form = FormBody([
            ("mode", "payment"),
            ("client_reference_id", payment.ref),
            ("success_url", page),
            ("cancel_url", page),
            // The same in each attempt, because the idempotency key covers it.
            ("expires_at", "\(payment.expiresAt.milliseconds / 1000)"),
            ("metadata[souk_payment]", payment.ref),
            ("payment_intent_data[metadata][souk_payment]", payment.ref),
            ("line_items[0][quantity]", "1"),
            ("line_items[0][price_data][currency]", payment.currency.lowercased()),
            ("line_items[0][price_data][unit_amount]", "\(StripeAmount.of(payment))"),
            ("line_items[0][price_data][product_data][name]", name),
        ])
        return call("/v1/checkout/sessions", form, payment.ref, send) { session in
            guard let id = session.text("id"), let url = session.text("url") else { return nil }
            return StartedPayment(url: url, id: id)
        }
    }

    @Sendable func refund(_ payment: Payment, _ refund: Refund, _ send: Sender)
        -> ProviderResult<String>
    {
        guard let name = payment.providerPayment else {
            return .rejected("The provider has not named the payment.")
        }
        let amount = StripeAmount.amount(refund.amount, payment.currency)
        let form = FormBody([
            ("payment_intent", name),
            ("amount", "\(amount)"),
            ("metadata[souk_payment]", payment.ref),
            ("metadata[souk_refund]", refund.ref),
        ])
        return call("/v1/refunds", form, refund.ref, send) { made in
            guard let id = made.text("id"), made.text("status") != nil else { return nil }
            return id
        }
    }

    /// The messages since a time, from the oldest page on; for messages that were lost.
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

/// Amounts in the units that Stripe counts in (https://docs.stripe.com/currencies).
enum StripeAmount {
    /// The number of Stripe's units in a minor unit: ISK and UGX have none, and Stripe counts
    /// hundredths.
    private static func factor(_ currency: String) -> Int64 {
        ["ISK", "UGX"].contains(currency) ? 100 : 1
    }

    static func of(_ payment: Payment) -> Int64 { amount(payment.amount, payment.currency) }

    static func amount(_ money: Money, _ currency: String) -> Int64 {
        money.minorUnits * factor(currency)
    }

    /// The amount in minor units; nil if it is none.
    static func money(_ amount: Int64, _ currency: String) -> Money? {
        let factor = factor(currency)
        guard (0...Money.max.minorUnits).contains(amount), amount % factor == 0 else { return nil }
        return Money(minorUnits: amount / factor)
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

    private static func escaped(_ text: String) -> String {
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
