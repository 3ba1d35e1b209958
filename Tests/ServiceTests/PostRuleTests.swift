import HTTP
import HTTPTypes
import Launch
import Service
import TestShop
import Testing

/// Every POST takes `Idempotency-Key` and `dry_run`, except those that are listed with the reason.
@Suite struct PostRuleTests {
    private static let posts = ResponderProgram.all.flatMap(\.routes).map(\.description)
        .filter { $0.hasPrefix("POST ") }

    /// openapi.yaml names the parameters that the code honours.
    @Test(arguments: posts) func describesItsParameters(route: String) throws {
        let description = try OpenAPI.read()
        let operation = try #require(description.operations.first { $0.route == route })
        let exception = RouteCase.exceptions[route]
        let takesKeys = description.headerParameters(of: operation).contains("Idempotency-Key")
        #expect(takesKeys == (exception?.withoutKey == nil))
        let takesDryRuns = description.queryParameters(of: operation).contains("dry_run")
        #expect(takesDryRuns == (exception?.withoutDryRun == nil))
    }

    @Test func everyExceptionIsARoute() {
        #expect(Set(RouteCase.exceptions.keys).subtracting(Self.posts) == [])
    }

    private static let password = #"{"current_password":"correct horse"}"#

    /// Answers with a secret, and requests that their own effect would reject the second time.
    ///
    /// The other routes are in `IdempotencyTests.replays`.
    @Test(arguments: [
        Scenario.Step(.post, "/customers/ada/totp", as: "ada", password, fields: .key("k")),
        .init(
            .post, "/customers/ada/api-keys", as: "ada", #"{"name":"a","scopes":["read:sales"]}"#,
            fields: .key("k")),
        .init(
            .post, "/sales/gift-cards", as: "sami",
            #"{"amount":5,"count":100,"expires_at":"2026-11-18T11:06:41Z"}"#, fields: .key("k")),
        .init(.post, "/sales/carts", fields: .key("0b8f7a52-6a2e-4c1e-9d9b-6f0d3a1c2e4f")),
    ])
    func replaysASecret(step: Scenario.Step) throws {
        let shop = try TestShop()
        let first = try step.succeeds(in: shop)
        let after = try shop.dump()
        shop.clock.pass(seconds: 60)
        let second = try step.succeeds(in: shop)
        #expect(second.body == first.body && second.isReplay && !first.isReplay)
        #expect(try shop.dump() == after)
        let row: String = try shop.value("SELECT body AS value FROM idempotency_keys")
        #expect(!row.contains("{") && row.utf8.count > first.body.count)
    }

    /// A retry does not find the secret of the second factor unconfirmed.
    @Test func replaysRecoveryCodes() throws {
        let shop = try TestShop()
        let secret = try Scenario.Step(.post, "/customers/ada/totp", as: "ada", Self.password)
            .succeeds(in: shop).json["secret"]?.text
        let code = try shop.code(for: try #require(secret))
        let confirm = Scenario.Step(
            .post, "/customers/ada/totp/confirm", as: "ada", #"{"code":"\#(code)"}"#,
            fields: .key("k"))
        let first = try confirm.succeeds(in: shop)
        #expect(try confirm.succeeds(in: shop).body == first.body)
        let codes = try #require(try first.json["recovery_codes"]?[0]?.text)
        #expect(try !shop.dump().joined().contains(codes))
    }

    /// The key of an answer with a secret, and of an anonymous caller, must be hard to guess.
    @Test func aVisitorNeedsALongKey() throws {
        let shop = try TestShop()
        let answer = try shop.send(.post, "/sales/carts", fields: .key("short"))
        #expect(try answer.faults == ["Idempotency-Key"])
        #expect(
            try shop.send(.post, "/sales/carts", as: "ada", fields: .key("k")).status == .created)
    }

    @Test func oneOfManyCreatesTheGiftCards() throws {
        let shop = try TestShop()
        _ = try shop.token(of: "sami")
        let answers = atOnce(16) { _ in
            try? shop.send(
                .post, "/sales/gift-cards", as: "sami", #"{"amount":5,"count":3}"#,
                fields: .key("batch"))
        }
        #expect(Set(answers.map { $0?.text }).count == 1)
        let cards: Int64 = try shop.value("SELECT COUNT(*) AS value FROM gift_cards")
        #expect(cards == 3)
    }
}

extension RouteCase {
    /// Why a POST takes no key, or no dry run.
    struct Exception: Sendable {
        var withoutKey: String?
        var withoutDryRun: String?
    }

    private static let session = "starts a session; the refresh token has a grace period instead"
    private static let password = "compares or hashes a password, which a dry run must not allow"

    /// The POSTs that do not honour both.
    static let exceptions = [
        "POST /customers/login": Exception(withoutKey: session, withoutDryRun: password),
        "POST /customers/refresh": Exception(withoutKey: session, withoutDryRun: session),
        "POST /customers/logout": Exception(
            withoutKey: "ends the session that a retry would need; a repeated logout is a 401"),
        "POST /customers/:username/password": Exception(withoutDryRun: password),
        "POST /customers/password-resets/complete": Exception(withoutDryRun: password),
        "POST /customers/:username/totp": Exception(withoutDryRun: password),
        "POST /customers/:username/totp/confirm": Exception(
            withoutDryRun: "compares a code, which a dry run would not use up"),
        "POST /sales/carts/mine/checkout": Exception(
            withoutKey: "a cart becomes one order; a repeated checkout returns it"),
        "POST /sales/payments/stripe": Exception(
            withoutKey: "Stripe repeats messages with the same event id",
            withoutDryRun: "Stripe sends what has happened"),
    ]
}
