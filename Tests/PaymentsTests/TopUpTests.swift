import HTTP
import HTTPTypes
import Service
import Storage
import TestShop
import Testing

@Suite struct TopUpTests {
    private static func topUp(
        _ username: String, as account: String?, _ body: String? = nil, _ query: String = ""
    ) -> Scenario.Step {
        .init(
            .post, "/customers/\(username)/wallet/topups\(query)", as: account,
            body ?? #"{"amount":5000,"return_url":"https://shop.example/thanks"}"#)
    }

    static let rows: [Scenario] = [
        Scenario(
            "creates a pending payment", topUp("ben", as: "ben"), gives: 201,
            shows: #"""
                {"id":1,"username":"ben","purpose":"top_up","order_id":null,"method":"card",\#
                "provider":"stripe","status":"pending","amount":5000,"captured":0,"refunded":0,\#
                "currency":"USD","url":null,"error":null,"dispute_ended_at":null,"events":[],\#
                "expires_at":"2026-11-18T12:06:40.000Z","created_at":"2026-11-18T11:06:40.000Z"}
                """#, fields: ["Location": "/sales/payments/1"]),
        Scenario(
            "a member of staff's own", topUp("sami", as: "sami"), gives: 201,
            shows: #"{"username":"sami"}"#),
        Scenario(
            "somebody else's, by staff", topUp("ben", as: "sami"), gives: 403, code: "forbidden"),
        Scenario(
            "somebody else's", topUp("ben", as: "ada"), gives: 404, code: "customer_not_found"),
        Scenario("without a caller", topUp("ben", as: nil), gives: 401, code: "token_missing"),
        Scenario(
            "a dry run", topUp("ben", as: "ben", nil, "?dry_run=true"), gives: 201,
            shows: #"{"status":"pending"}"#),
        Scenario(
            "every fault at once",
            topUp("ben", as: "ben", #"{"amount":0,"return_url":"ftp://x.example"}"#),
            gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"amount"},{"field":"return_url"}]}"#),
        Scenario(
            "a URL with a space",
            topUp("ben", as: "ben", #"{"amount":1,"return_url":"https://a b.example"}"#),
            gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"return_url"}]}"#),
        Scenario(
            "one's own payment", after: [topUp("ben", as: "ben")],
            .init(.get, "/sales/payments/1", as: "ben"), gives: 200, shows: #"{"id":1}"#),
        Scenario(
            "somebody else's payment", after: [topUp("ben", as: "ben")],
            .init(.get, "/sales/payments/1", as: "ada"), gives: 404, code: "payment_not_found"),
        Scenario(
            "a payment that does not exist", .init(.get, "/sales/payments/7", as: "sami"),
            gives: 404, code: "payment_not_found"),
        Scenario(
            "a wait that is too long", .init(.get, "/sales/payments/1?wait=21", as: "sami"),
            gives: 422, code: "invalid_request"),
        Scenario(
            "one's own payments", after: [topUp("ben", as: "ben"), topUp("ada", as: "ada")],
            .init(.get, "/sales/payments", as: "ben"), gives: 200,
            shows: #"{"data":[{"id":1}],"next":null}"#),
        Scenario(
            "all payments, the newest first",
            after: [topUp("ben", as: "ben"), topUp("ada", as: "ada")],
            .init(.get, "/sales/payments", as: "sami"), gives: 200,
            shows: #"{"data":[{"id":2},{"id":1}],"next":null}"#),
        Scenario(
            "those of a customer, by status",
            after: [topUp("ben", as: "ben"), topUp("ada", as: "ada")],
            .init(.get, "/sales/payments?username=ada&status=pending", as: "sami"), gives: 200,
            shows: #"{"data":[{"id":2}],"next":null}"#),
        Scenario(
            "those of another customer", .init(.get, "/sales/payments?username=ada", as: "ben"),
            gives: 403, code: "forbidden"),
        Scenario(
            "none of a status", after: [topUp("ben", as: "ben")],
            .init(.get, "/sales/payments?status=captured", as: "sami"), gives: 200,
            shows: #"{"data":[],"next":null}"#),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func aShopWithoutCardsRefuses() throws {
        for options in [PaymentOptions(), PaymentOptions(methods: [.wallet, .card])] {
            try Scenario(
                "no cards", Self.topUp("ben", as: "ben"), gives: 409,
                code: "payment_method_not_allowed"
            ).play(in: TestShop(payments: options))
        }
    }

    @Test func aCustomerHasAtMostTwentyPendingPayments() throws {
        let shop = try TestShop()
        for _ in 1...20 { try Self.topUp("ben", as: "ben").succeeds(in: shop) }
        let answer = try shop.send(Self.topUp("ben", as: "ben"))
        #expect(try answer.json["code"]?.text == "quota_exceeded")
        try Self.topUp("ada", as: "ada").succeeds(in: shop)
    }

    @Test func concurrentPaymentsKeepTheLimit() throws {
        let shop = try TestShop()
        _ = try shop.token(of: "ben")
        let codes = atOnce(30) { _ in
            (try? shop.send(Self.topUp("ben", as: "ben")).status.code) ?? 0
        }
        #expect(codes.count { $0 == 201 } == 20 && codes.count { $0 == 422 } == 10)
    }

    /// Payments whose end the provider has not reported give their places back.
    @Test func aLostMessageBlocksNobody() throws {
        let till = try Till()
        for _ in 1...20 { try till.topUp() }
        till.shop.clock.pass(seconds: 3600 + 3600)
        till.shop.forgetTokens()
        let early = try till.shop.send(Self.topUp("ben", as: "ben"))
        #expect(try early.json["code"]?.text == "quota_exceeded")
        till.shop.clock.pass(seconds: 1)
        try till.topUp()
        #expect(try till.payment(20)["status"] == "expired")
        #expect(try till.payment(21)["status"] == "pending")
        #expect(try till.eventTypes().count { $0 == "payment.failed" } == 20)
        // Money that comes nevertheless is the customer's.
        try till.deliver(till.stripe.pay("cs_test_3"))
        #expect(try till.books(of: 3) == "captured 5000 0 5000")
        #expect(try till.shop.breaches() == [])
    }

    @Test func aKeyMakesOnePayment() throws {
        let shop = try TestShop()
        let key: HTTPFields = [try #require(HTTPField.Name("Idempotency-Key")): "k"]
        let ids = try (1...2).map { _ in
            try shop.send(
                .post, "/customers/ben/wallet/topups", as: "ben",
                #"{"amount":1,"return_url":"https://shop.example/"}"#, fields: key
            ).json["id"]?.integer
        }
        #expect(ids == [1, 1])
    }

    /// An erasure ends the payment, and removes the addresses.
    @Test func anErasureEndsPendingPayments() throws {
        let till = try Till()
        try till.topUp()
        try Scenario.Step(.delete, "/customers/ben", as: "ben").succeeds(in: till.shop)
        let payment = try till.payment()
        #expect(payment["status"] == "expired" && payment["url"] == .null)
        // Money that comes nevertheless has no wallet: staff send it back.
        #expect(try till.deliver(till.stripe.pay("cs_test_1")) == "applied")
        #expect(try till.payment()["status"] == "mismatch")
        #expect(try till.payment()["captured"] == .integer(0))
        #expect(try till.eventTypes().last == "payment.mismatched")
        #expect(try till.shop.breaches() == [])
    }

    @Test func anExportHasThePayments() throws {
        let till = try Till()
        try till.topUp()
        let export = try Scenario.Step(.get, "/customers/ben/export", as: "ben").succeeds(
            in: till.shop)
        #expect(try export.json["payments"]?[0]?["amount"] == .integer(5000))
    }
}
