import FoundationEssentials
import Payments
import Service

/// The settings of the shop's account at Stripe.
public struct StripeSettings: Sendable {
    /// The file with the secret key; empty for none, which turns card payments off.
    public var keyFile = ""
    /// The file with the secrets that sign Stripe's messages, one a line.
    public var webhookSecretFile = ""
    /// Where Stripe is.
    public var url = StripeProvider.url

    /// The secret key, or nil if card payments are off.
    /// - Throws: `SettingsError` if the file cannot be read or has no key.
    public func key() throws -> String? {
        guard !keyFile.isEmpty else { return nil }
        let lines = try StripeSettings.lines(of: keyFile, "SOUK_STRIPE_KEY_FILE")
        guard lines.count == 1, ["sk_", "rk_"].contains(where: lines[0].hasPrefix) else {
            throw SettingsError(
                description: """
                    SOUK_STRIPE_KEY_FILE: \(keyFile) must contain one secret key of Stripe, which \
                    begins with sk_ or rk_.
                    """)
        }
        return lines[0]
    }

    /// What the responders need; nil if card payments are off.
    /// - Throws: `SettingsError` if a file cannot be read.
    func options() throws -> StripeOptions? {
        guard let key = try key() else { return nil }
        guard !webhookSecretFile.isEmpty else {
            throw SettingsError(
                description:
                    "SOUK_STRIPE_WEBHOOK_SECRET_FILE: must be set with SOUK_STRIPE_KEY_FILE.")
        }
        let secrets = try StripeSettings.lines(
            of: webhookSecretFile, "SOUK_STRIPE_WEBHOOK_SECRET_FILE")
        // Another value of the dashboard, such as the id of the endpoint, would sign no message.
        guard !secrets.isEmpty,
            secrets.allSatisfy({ $0.utf8.count >= 16 && $0.hasPrefix("whsec_") })
        else {
            throw SettingsError(
                description: """
                    SOUK_STRIPE_WEBHOOK_SECRET_FILE: each line of \(webhookSecretFile) must be a \
                    signing secret of Stripe, which begins with whsec_.
                    """)
        }
        return StripeOptions(isLive: key.contains("_live_"), webhookSecrets: secrets)
    }

    /// The lines of a file without spaces around them, except empty ones.
    private static func lines(of path: String, _ setting: String) throws -> [String] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SettingsError(description: "\(setting): \(path) cannot be read.")
        }
        return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).map {
            $0.split(separator: " ").joined()
        }.filter { !$0.isEmpty }
    }
}

extension Settings {
    /// The providers that the courier calls.
    /// - Throws: `SettingsError` if the file with Stripe's key cannot be read.
    func paymentProviders() throws -> [PaymentProvider] {
        let card = try stripe.key().map { StripeProvider.provider(key: $0, url: stripe.url) }
        return [card, TestProvider.provider].compactMap { $0 }
    }

    /// How the shop takes money.
    /// - Throws: `SettingsError` if a file of Stripe cannot be read.
    func paymentOptions() throws -> PaymentOptions {
        PaymentOptions(
            methods: paymentMethods, stripe: try stripe.options(),
            cardHoldSeconds: Int64(cardHoldSeconds),
            transferHoldSeconds: Int64(transferHoldSeconds))
    }
}
