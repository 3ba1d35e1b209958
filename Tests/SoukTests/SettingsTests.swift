import Foundation
import ShopFixture
import Testing

extension SoukTests {
    /// Settings from the environment, and faults that prevent a start.
    @Suite struct SettingsTests {
        static let bad: [(name: String, values: [String], rule: String)] = [
            (
                "SOUK_DATABASE", ["", "postgresql:", "postgres:"],
                "a path or a postgresql:// URL without password"
            ),
            ("SOUK_JWT_SECRET_FILE", [""], "a path"),
            (
                "SOUK_CURRENCY", ["", "usd", "DOLLAR", "U$D", "ÄÖ"],
                "three capital letters (ISO 4217)"
            ),
            (
                "SOUK_TIME_ZONE",
                [
                    "", "CET/", "Mars/Base", "../etc/passwd", "/etc/localtime", "europe", "Europe",
                    "zone.tab",
                ], "UTC or a time zone in /usr/share/zoneinfo, such as Europe/Berlin"
            ),
            (
                "SOUK_ACCESS_TOKEN_SECONDS", ["", "0", "86401", "-1", "1.5", "15m"],
                "an integer from 1 to 86400"
            ),
            (
                "SOUK_REFRESH_TOKEN_SECONDS", ["", "59", "31536001", "99999999999999999999"],
                "an integer from 60 to 31536000"
            ),
            (
                "SOUK_PAYMENT_METHODS", ["", "cheque", "card card", "wallet,card", "cash"],
                """
                a list of different payment methods, separated by spaces: wallet, card, test, \
                bank_transfer, cash_on_delivery
                """
            ),
            ("SOUK_CARD_HOLD_SECONDS", ["", "0", "86401"], "an integer from 1 to 86400"),
            (
                "SOUK_TRANSFER_HOLD_SECONDS", ["", "0", "31536001"],
                "an integer from 1 to 31536000"
            ),
            ("SOUK_SHOW_STOCK", ["", "yes", "2", "true"], "1 or 0"),
            (
                "SOUK_WEBHOOK_HOSTS", ["http://erp.lan", "a b/c", "::1", "erp.lan:x", "a#b"],
                "a list of hosts or host:port, separated by spaces"
            ),
            (
                "SOUK_WEBHOOK_RETRY_SECONDS", ["", "0", "5 x", "604801", "5,60", "-1"],
                "a list of 1 to 20 integers from 1 to 604800, separated by spaces"
            ),
            ("SOUK_RETURN_DAYS", ["", "-1", "3651", "14d"], "an integer from 0 to 3650"),
            ("SOUK_STAFF_TOTP", ["", "yes", "2", "true"], "1 or 0"),
            ("SOUK_RATE_LIMITS", ["", "1", "ON"], "on or off"),
            ("SOUK_WORKERS", ["", "0", "513", "four"], "an integer from 1 to 512"),
            ("SOUK_SLOW_MS", ["", "0", "600001", "1s"], "an integer from 1 to 600000"),
            ("SOUK_COURIER_WORKERS", ["", "0", "513", "four"], "an integer from 1 to 512"),
            ("SOUK_EVENTS_DAYS", ["", "0", "36501", "1d"], "an integer from 1 to 36500"),
            (
                "SOUK_SMTP_URL", ["mail.example", "http://mail.example", "file:", "smtp://"],
                "smtp://HOST:PORT, smtps://HOST:PORT or file:FOLDER"
            ),
            ("SOUK_MAIL_FROM", ["", "shop", "a@b@c", "<>"], "an address, or NAME <ADDRESS>"),
            (
                "SOUK_PUBLIC_URL", ["", "shop.example", "ftp://a.example", "https://a.example/"],
                "an http or https URL without a slash at its end"
            ),
            ("SOUK_MAIL_TEMPLATES", ["", "mail"], "an absolute path"),
            ("SOUK_PRICES_INCLUDE_TAX", ["", "2", "yes"], "1 or 0"),
            (
                "SOUK_SHOP_ADDRESS", ["1|2|3|4|5|6|7", "a\nb"],
                "at most 6 lines and 500 characters, with | between the lines"
            ),
            ("SOUK_SHOP_TAX_ID", ["a\tb"], "a line of at most 60 characters"),
            (
                "SOUK_COUNTRY", ["XX", "de", "DEU"],
                "a country code in capital letters (ISO 3166-1 alpha-2)"
            ),
            (
                "SOUK_LOG_LEVEL", ["", "loud", "INFO"],
                "one of trace, debug, info, notice, warning, error, critical"
            ),
        ]

        @Test(arguments: bad) func aBadValueIsNamed(
            row: (name: String, values: [String], rule: String)
        ) throws {
            for value in row.values {
                var shop = try Operator()
                shop.environment[row.name] = value
                // The value of a URL may contain a password, so it is not repeated.
                let shown = value.contains("://") ? row.name : "\(row.name)=\(value)"
                let sentence = "\(shown): must be \(row.rule).\n"
                for command in [["settings"], ["migrate"], ["check"], ["user", "list"]] {
                    try run(Programs.souk, command, environment: shop.environment)
                        .expect(1, output: "", errors: "Error: \(sentence)")
                }
                for daemon in Programs.daemons {
                    try shop.daemon(daemon).expect(
                        1, output: "", errors: "\(daemon) cannot start: \(sentence)")
                }
            }
        }

        @Test func everyFaultIsNamedAtOnce() throws {
            var shop = try Operator()
            shop.environment["SOUK_COLOUR"] = "red"
            shop.environment["SOUK_WORKERS"] = "none"
            shop.environment["SOUK_CURRENCY"] = "gold"
            let sentences = """
                SOUK_COLOUR is not a setting; `souk settings` lists them.
                SOUK_CURRENCY=gold: must be three capital letters (ISO 4217).
                SOUK_WORKERS=none: must be an integer from 1 to 512.

                """
            let souk = try shop.souk("settings").expect(1, output: "")
            #expect(souk.errors.hasSuffix(sentences), "\(souk.errors)")
            for daemon in Programs.daemons {
                let outcome = try shop.daemon(daemon).expect(1, output: "")
                #expect(outcome.errors.hasSuffix(sentences), "\(outcome.errors)")
            }
        }

        private static let standard: String = {
            let cores = ProcessInfo.processInfo.activeProcessorCount
            return """
                SOUK_DATABASE=/var/lib/souk/souk.db
                SOUK_JWT_SECRET_FILE=/etc/souk/jwt.secret
                SOUK_CURRENCY=USD
                SOUK_PRICES_INCLUDE_TAX=1
                SOUK_COUNTRY=
                SOUK_RETURN_DAYS=14
                SOUK_TIME_ZONE=UTC
                SOUK_ACCESS_TOKEN_SECONDS=900
                SOUK_REFRESH_TOKEN_SECONDS=2592000
                SOUK_PAYMENT_METHODS=wallet
                SOUK_CARD_HOLD_SECONDS=1800
                SOUK_TRANSFER_HOLD_SECONDS=604800
                SOUK_STRIPE_KEY_FILE=
                SOUK_STRIPE_WEBHOOK_SECRET_FILE=
                SOUK_STRIPE_URL=https://api.stripe.com
                SOUK_SHOW_STOCK=0
                SOUK_WEBHOOK_HOSTS=
                SOUK_WEBHOOK_RETRY_SECONDS=5 60 300 1800 7200 18000 36000 50400 72000 86400
                SOUK_STAFF_TOTP=0
                SOUK_RATE_LIMITS=on
                SOUK_WORKERS=\(max(4, 2 * cores))
                SOUK_SLOW_MS=500
                SOUK_COURIER_WORKERS=128
                SOUK_EVENTS_DAYS=90
                SOUK_LOG_LEVEL=info
                SOUK_SHOP_NAME=
                SOUK_SHOP_ADDRESS=
                SOUK_SHOP_TAX_ID=
                SOUK_SMTP_URL=
                SOUK_SMTP_CREDENTIALS_FILE=
                SOUK_MAIL_FROM=shop@localhost
                SOUK_PUBLIC_URL=http://localhost
                SOUK_MAIL_TEMPLATES=/etc/souk/mail

                """
        }()

        @Test func printsTheSettingsInForce() throws {
            try run(Programs.souk, ["settings"]).expect(0, output: Self.standard, errors: "")
            let others = [
                "SOUK_DATABASE": "/tmp/a b.db", "SOUK_JWT_SECRET_FILE": "/tmp/\"key\"",
                "SOUK_CURRENCY": "EUR", "SOUK_PRICES_INCLUDE_TAX": "0", "SOUK_COUNTRY": "DE",
                "SOUK_RETURN_DAYS": "30",
                "SOUK_SHOP_NAME": "Räder & Co", "SOUK_SHOP_ADDRESS": "Main St 1|10115 Berlin",
                "SOUK_SHOP_TAX_ID": "DE123456789",
                "SOUK_TIME_ZONE": "Asia/Kolkata",
                "SOUK_ACCESS_TOKEN_SECONDS": "86400",
                "SOUK_REFRESH_TOKEN_SECONDS": "60", "SOUK_PAYMENT_METHODS": "wallet card",
                "SOUK_CARD_HOLD_SECONDS": "86400", "SOUK_TRANSFER_HOLD_SECONDS": "1",
                "SOUK_STRIPE_KEY_FILE": "/etc/a b", "SOUK_STRIPE_WEBHOOK_SECRET_FILE": "/etc/c",
                "SOUK_STRIPE_URL": "http://127.0.0.1:12111",
                "SOUK_WEBHOOK_HOSTS": "erp.lan 10.0.0.5:8080", "SOUK_WEBHOOK_RETRY_SECONDS": "1 2",
                "SOUK_SHOW_STOCK": "1", "SOUK_STAFF_TOTP": "1", "SOUK_RATE_LIMITS": "off",
                "SOUK_WORKERS": "512",
                "SOUK_SLOW_MS": "1", "SOUK_COURIER_WORKERS": "512", "SOUK_EVENTS_DAYS": "1",
                "SOUK_LOG_LEVEL": "trace", "SOUK_SMTP_URL": "smtps://mail.example.com",
                "SOUK_SMTP_CREDENTIALS_FILE": "/tmp/smtp", "SOUK_MAIL_FROM": "Shop <a@b.example>",
                "SOUK_PUBLIC_URL": "https://shop.example.com", "SOUK_MAIL_TEMPLATES": "/tmp/mail",
            ]
            let set = try run(Programs.souk, ["settings"], environment: others).expect(0)
            let lines = set.output.split(separator: "\n").map(String.init)
            #expect(Set(lines) == Set(others.map { "\($0.key)=\($0.value)" }))

            struct Member: Decodable {
                let name: String
                let value: String
            }
            let json = try run(Programs.souk, ["settings", "--json"], environment: others).expect(0)
            let members = try JSONDecoder().decode([Member].self, from: Data(json.output.utf8))
            #expect(members.map { "\($0.name)=\($0.value)" } == lines)
        }

        @Test func ignoresVariablesOfOtherPrograms() throws {
            var shop = try Operator()
            shop.environment["SOUKOUS"] = "music"
            shop.environment["souk_workers"] = "none"
            try shop.souk("settings").expect(0, errors: "")
        }
    }
}
