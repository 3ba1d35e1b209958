import Curl
import Customers
import FoundationEssentials
public import Logging
public import Service
public import Values
import Webhooks

/// The settings of a program, read once from the environment.
///
/// An unknown `SOUK_` variable or an invalid value stops the start.
public struct Settings: Sendable {
    /// The database file, or the URL of a PostgreSQL database.
    ///
    /// `SOUK_DATABASE`.
    public var database = "/var/lib/souk/souk.db"
    /// The file with the secrets that sign tokens, each at least 32 bytes long.
    ///
    /// `SOUK_JWT_SECRET_FILE`.
    public var jwtSecretFile = "/etc/souk/jwt.secret"
    /// The settings of mail.
    public var mail = MailSettings()
    /// The ISO 4217 code of the shop's currency.
    ///
    /// `SOUK_CURRENCY`.
    public var currency = "USD"
    /// Whether the prices of products and of shipping contain the tax.
    ///
    /// `SOUK_PRICES_INCLUDE_TAX`, 0 or 1.
    public var pricesIncludeTax = true
    /// The country whose tax rates apply to an order without an address; empty for none.
    ///
    /// `SOUK_COUNTRY`, ISO 3166-1 alpha-2.
    public var country = ""
    /// For how many days after the delivery customers can request returns.
    ///
    /// `SOUK_RETURN_DAYS`.
    public var returnDays = 14
    /// How invoices name the shop: `SOUK_SHOP_NAME`, `SOUK_SHOP_ADDRESS` and `SOUK_SHOP_TAX_ID`.
    public var seller = SellerSettings()
    /// The time zone of the days in the reports.
    ///
    /// `SOUK_TIME_ZONE`, a name of the IANA database; `souk migrate` applies it.
    public var timeZone = ZoneRules.utc
    /// The lifetime of an access token in seconds.
    ///
    /// `SOUK_ACCESS_TOKEN_SECONDS`.
    public var accessTokenSeconds = 900
    /// The lifetime of a session without a refresh in seconds.
    ///
    /// `SOUK_REFRESH_TOKEN_SECONDS`.
    public var refreshTokenSeconds = 2_592_000
    /// The payment methods that customers may choose.
    ///
    /// `SOUK_PAYMENT_METHODS`, separated by spaces.
    public var paymentMethods: [PaymentMethod] = [.wallet]
    /// How long an order waits for a card payment in seconds.
    ///
    /// `SOUK_CARD_HOLD_SECONDS`.
    public var cardHoldSeconds = 1800
    /// How long an order waits for a bank transfer in seconds.
    ///
    /// `SOUK_TRANSFER_HOLD_SECONDS`.
    public var transferHoldSeconds = 604_800
    /// The account at Stripe: `SOUK_STRIPE_KEY_FILE`, `SOUK_STRIPE_WEBHOOK_SECRET_FILE` and
    /// `SOUK_STRIPE_URL`.
    public var stripe = StripeSettings()
    /// Whether all callers see how many units of a product are in stock.
    ///
    /// `SOUK_SHOW_STOCK`, 0 or 1.
    public var showStock = false
    /// The hosts, or `host:port`, that may receive webhooks at a private address and over http.
    ///
    /// `SOUK_WEBHOOK_HOSTS`, separated by spaces.
    public var webhookHosts: [String] = []
    /// The delays in seconds between the attempts to deliver a message to a webhook.
    ///
    /// `SOUK_WEBHOOK_RETRY_SECONDS`, separated by spaces.
    public var webhookRetrySeconds = RetrySchedule.standardSeconds
    /// Whether moderators, staff and admins must have a second factor.
    ///
    /// `SOUK_STAFF_TOTP`, 0 or 1.
    public var staffTotp = false
    /// Whether failed logins delay further attempts for a username; nginx has its own limits.
    ///
    /// `SOUK_RATE_LIMITS`, on or off.
    public var rateLimits = true
    /// The number of threads per responder: two per core, at least 4.
    ///
    /// Twice as many raised no throughput, and doubled the wait of one request in a hundred.
    ///
    /// `SOUK_WORKERS`.
    public var workers = max(4, 2 * ProcessInfo.processInfo.activeProcessorCount)
    /// The duration in milliseconds from which a request is logged as slow.
    ///
    /// `SOUK_SLOW_MS`.
    public var slowMs = 500
    /// The number of jobs that the courier attempts at once.
    ///
    /// `SOUK_COURIER_WORKERS`.
    public var courierWorkers = 128
    /// The age in days after which the courier deletes an event.
    ///
    /// `SOUK_EVENTS_DAYS`.
    public var eventsDays = 90
    /// The lowest level that is logged: trace, debug, info, notice, warning, error or critical.
    ///
    /// `SOUK_LOG_LEVEL`.
    public var logLevel = Logger.Level.info

    /// Reads the settings from `environment`, such as `ProcessInfo.processInfo.environment`.
    /// - Throws: `SettingsError` with a sentence for each invalid variable.
    public init(_ environment: [String: String]) throws {
        var faults: [String] = []
        for (name, value) in environment.sorted(by: { $0.key < $1.key })
        where name.hasPrefix("SOUK_") {
            guard let setting = Settings.table.first(where: { $0.name == name }) else {
                faults.append("\(name) is not a setting; `souk settings` lists them.")
                continue
            }
            if !setting.read(&self, value) {
                // A URL may contain a password.
                let shown = value.contains("://") ? name : "\(name)=\(value)"
                faults.append("\(shown): must be \(setting.rule).")
            }
        }
        guard faults.isEmpty else {
            throw SettingsError(description: faults.joined(separator: "\n"))
        }
    }
}

/// The reasons why a program does not start, in sentences for the operator.
public struct SettingsError: Error, CustomStringConvertible {
    /// The sentences, one per line.
    public let description: String
}

/// A variable: its name, its valid values and the property that it sets.
struct Setting: Sendable {
    let name: String
    let rule: String
    let read: @Sendable (inout Settings, String) -> Bool
    let show: @Sendable (Settings) -> String
}

extension Settings {
    static let table: [Setting] = shopTable + sellerTable + mailTable

    private static let shopTable: [Setting] = [
        Setting(
            name: "SOUK_DATABASE", rule: "a path or a postgresql:// URL without password",
            read: { settings, value in
                settings.database = value
                return !value.isEmpty && !hasPassword(value) && !isUnknownAddress(value)
            }, show: { $0.database }),
        text("SOUK_JWT_SECRET_FILE", \.jwtSecretFile, "a path") { !$0.isEmpty },
        text("SOUK_CURRENCY", \.currency, "three capital letters (ISO 4217)") {
            $0.utf8.count == 3
                && $0.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        },
        flag("SOUK_PRICES_INCLUDE_TAX", \.pricesIncludeTax, on: "1", off: "0"),
        text("SOUK_COUNTRY", \.country, "a country code in capital letters (ISO 3166-1 alpha-2)") {
            $0.isEmpty || isCountryCode($0)
        },
        integer("SOUK_RETURN_DAYS", \.returnDays, 0...3650),
        Setting(
            name: "SOUK_TIME_ZONE",
            rule: "UTC or a time zone in /usr/share/zoneinfo, such as Europe/Berlin",
            read: { settings, value in
                guard let rules = ZoneRules(named: value) else { return false }
                settings.timeZone = rules
                return true
            }, show: { $0.timeZone.name }),
        integer("SOUK_ACCESS_TOKEN_SECONDS", \.accessTokenSeconds, 1...86_400),
        integer("SOUK_REFRESH_TOKEN_SECONDS", \.refreshTokenSeconds, 60...31_536_000),
        Setting(
            name: "SOUK_PAYMENT_METHODS",
            rule: "a list of different payment methods, separated by spaces: "
                + PaymentMethod.offered.map(\.rawValue).joined(separator: ", "),
            read: { settings, value in
                let names = value.split(separator: " ")
                settings.paymentMethods = names.compactMap { name in
                    PaymentMethod.offered.first { $0.rawValue == name }
                }
                return Set(settings.paymentMethods).count == names.count && !names.isEmpty
            }, show: { $0.paymentMethods.map(\.rawValue).joined(separator: " ") }),
        integer("SOUK_CARD_HOLD_SECONDS", \.cardHoldSeconds, 1...86_400),
        integer("SOUK_TRANSFER_HOLD_SECONDS", \.transferHoldSeconds, 1...31_536_000),
        text("SOUK_STRIPE_KEY_FILE", \.stripe.keyFile, "a path") { _ in true },
        text("SOUK_STRIPE_WEBHOOK_SECRET_FILE", \.stripe.webhookSecretFile, "a path") { _ in true },
        text("SOUK_STRIPE_URL", \.stripe.url, "an http or https URL without a slash at its end") {
            ($0.hasPrefix("https://") || $0.hasPrefix("http://")) && !$0.hasSuffix("/")
        },
        flag("SOUK_SHOW_STOCK", \.showStock, on: "1", off: "0"),
        Setting(
            name: "SOUK_WEBHOOK_HOSTS",
            rule: "a list of hosts or host:port, separated by spaces",
            read: { settings, value in
                settings.webhookHosts = value.split(separator: " ").map(String.init)
                return AllowedHosts(value) != nil
            }, show: { $0.webhookHosts.joined(separator: " ") }),
        Setting(
            name: "SOUK_WEBHOOK_RETRY_SECONDS",
            rule: "a list of 1 to 20 integers from 1 to 604800, separated by spaces",
            read: { settings, value in
                let words = value.split(separator: " ")
                settings.webhookRetrySeconds = words.compactMap { Int64($0) }
                let range: ClosedRange<Int64> = 1...604_800
                return (1...20).contains(words.count)
                    && settings.webhookRetrySeconds.count == words.count
                    && settings.webhookRetrySeconds.allSatisfy(range.contains)
            }, show: { $0.webhookRetrySeconds.map(String.init).joined(separator: " ") }),
        flag("SOUK_STAFF_TOTP", \.staffTotp, on: "1", off: "0"),
        flag("SOUK_RATE_LIMITS", \.rateLimits, on: "on", off: "off"),
        integer("SOUK_WORKERS", \.workers, 1...512),
        integer("SOUK_SLOW_MS", \.slowMs, 1...600_000),
        integer("SOUK_COURIER_WORKERS", \.courierWorkers, 1...512),
        integer("SOUK_EVENTS_DAYS", \.eventsDays, 1...36_500),
        Setting(
            name: "SOUK_LOG_LEVEL",
            rule: "one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))",
            read: { settings, value in
                guard let level = Logger.Level(rawValue: value) else { return false }
                settings.logLevel = level
                return true
            }, show: { $0.logLevel.rawValue }),
    ]

    /// Every variable and its value, in the order of the table.
    public var inForce: [(name: String, value: String)] {
        Settings.table.map { ($0.name, $0.show(self)) }
    }

    static func text(
        _ name: String, _ property: WritableKeyPath<Settings, String> & Sendable, _ rule: String,
        where isGood: @escaping @Sendable (String) -> Bool
    ) -> Setting {
        Setting(
            name: name, rule: rule,
            read: { settings, value in
                settings[keyPath: property] = value
                return isGood(value)
            }, show: { $0[keyPath: property] })
    }

    private static func integer(
        _ name: String, _ property: WritableKeyPath<Settings, Int> & Sendable,
        _ range: ClosedRange<Int>
    ) -> Setting {
        Setting(
            name: name, rule: "an integer from \(range.lowerBound) to \(range.upperBound)",
            read: { settings, value in
                guard let integer = Int(value), range.contains(integer) else { return false }
                settings[keyPath: property] = integer
                return true
            }, show: { String($0[keyPath: property]) })
    }

    private static func flag(
        _ name: String, _ property: WritableKeyPath<Settings, Bool> & Sendable, on: String,
        off: String
    ) -> Setting {
        Setting(
            name: name, rule: "\(on) or \(off)",
            read: { settings, value in
                settings[keyPath: property] = value == on
                return value == on || value == off
            }, show: { $0[keyPath: property] ? on : off })
    }
}
