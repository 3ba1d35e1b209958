import HTTP
import Service
import Storage
import TestShop
import Testing

@testable import Payments

/// The life of a payment, with an imitation of Stripe.
@Suite struct PaymentTests {
    @Test func moneyComesIntoTheWallet() throws {
        let till = try Till()
        let payment = try till.topUp()
        #expect(payment["url"] == "https://checkout.stripe.test/c/pay/cs_test_1")
        #expect(payment["status"] == "pending")
        #expect(try till.deliver(till.stripe.pay("cs_test_1")) == "applied")
        #expect(try till.books() == "captured 5000 0 5000")
        let entries = try Scenario.Step(.get, "/customers/ben/wallet/entries", as: "ben").succeeds(
            in: till.shop
        ).json["data"]
        #expect(entries?[0]?["kind"] == "paid_in" && entries?[0]?["payment_id"] == .integer(1))
        #expect(entries?[0]?["actor"] == "ben")
        #expect(try till.payment()["events"]?[0]?["type"] == "checkout.session.completed")
        #expect(try till.eventTypes() == ["payment.captured"])
        #expect(try till.shop.breaches() == [])
    }

    @Test func aWaitEndsWhenThePageIsKnown() throws {
        let till = try Till()
        try Scenario.Step(
            .post, "/customers/ben/wallet/topups", as: "ben",
            #"{"amount":1,"return_url":"https://shop.example"}"#
        ).succeeds(in: till.shop)
        _ = try till.shop.token(of: "ben")
        let answers = atOnce(2) { number in
            if number == 1 {
                try? till.work()
                return nil as JSON?
            }
            return try? till.shop.send(.get, "/sales/payments/1?wait=20", as: "ben").json
        }
        #expect(answers[0]?["url"] != .null)
    }

    @Test func theProviderForTestsPaysAtOnce() throws {
        let till = try Till(PaymentOptions(methods: [.wallet, .test]))
        let payment = try till.topUp(700)
        #expect(payment["method"] == "test" && payment["status"] == "captured")
        #expect(try till.books() == "captured 700 0 700")
        #expect(try till.shop.breaches() == [])
    }

    @Test func aPaymentThatFails() throws {
        let till = try Till()
        for _ in 1...2 { try till.topUp() }
        let session = #""session":"cs_test_1""#
        try till.deliver(till.stripe.event("checkout.session.async_payment_failed", session))
        #expect(try till.books() == "failed 0 0 0")
        try till.deliver(
            till.stripe.event("checkout.session.expired", #""session":"cs_test_2""#))
        #expect(try till.books(of: 2) == "expired 0 0 0")
        #expect(try till.eventTypes() == ["payment.failed", "payment.failed"])
        // Money that comes later is the customer's nevertheless.
        try till.deliver(till.stripe.pay("cs_test_2"))
        #expect(try till.books(of: 2) == "captured 5000 0 5000")
        #expect(try till.shop.breaches() == [])
    }

    /// A payment by bank takes days: only its second message has the money.
    @Test func moneyThatComesLater() throws {
        let till = try Till()
        try till.topUp()
        let unpaid = try till.stripe.pay("cs_test_1", #""payment_status":"unpaid""#)
        #expect(try till.deliver(unpaid) == "applied")
        #expect(try till.books() == "pending 0 0 0")
        let paid = try till.stripe.pay(
            "cs_test_1", #""type":"checkout.session.async_payment_succeeded""#)
        try till.deliver(paid)
        #expect(try till.books() == "captured 5000 0 5000")
        // A second message about the same money.
        try till.deliver(
            try till.stripe.event("checkout.session.completed", #""session":"cs_test_1""#))
        #expect(try till.books() == "captured 5000 0 5000")
        #expect(try till.shop.breaches() == [])
    }

    @Test(arguments: [4999 as Int64, 5001]) func anotherAmount(amount: Int64) throws {
        let till = try Till()
        try till.topUp()
        try till.deliver(till.stripe.pay("cs_test_1", #""amount":\#(amount)"#))
        #expect(try till.books() == "mismatch \(amount) 0 \(amount)")
        #expect(try till.eventTypes() == ["payment.mismatched"])
        #expect(try till.shop.breaches() == [])
    }

    @Test func anotherCurrency() throws {
        let till = try Till()
        try till.topUp()
        try till.deliver(till.stripe.pay("cs_test_1", #""currency":"eur""#))
        #expect(try till.books() == "mismatch 0 0 0")
        #expect(try till.shop.breaches() == [])
    }

    @Test func messagesThatDoNotConcernTheShop() throws {
        let till = try Till()
        try till.topUp()
        let ignored = StripeMessageCounts.ignored
        #expect(try till.deliver(till.stripe.pay("cs_test_1", #""livemode":true"#)) == "ignored")
        let other = #"{"id":"evt_9","type":"invoice.paid","livemode":false,"data":{"object":{}}}"#
        #expect(try till.deliver(Array(other.utf8)) == "ignored")
        // Subscriptions, and cards that are stored for later; and a message of a new form.
        for mode in ["setup", "subscription"] {
            let session = """
                {"id":"evt_\(mode)","type":"checkout.session.completed","livemode":false,\
                "data":{"object":{"id":"cs_9","mode":"\(mode)","amount_total":null,\
                "currency":null,"payment_status":"no_payment_required"}}}
                """
            #expect(try till.deliver(Array(session.utf8)) == "ignored")
        }
        let thin = #"{"id":"evt_8","type":"v1.billing.meter.error","livemode":false}"#
        #expect(try till.deliver(Array(thin.utf8)) == "ignored")
        #expect(StripeMessageCounts.ignored >= ignored + 5)
        #expect(try till.books() == "pending 0 0 0")
    }

    @Test func aMessageAboutAnUnknownPaymentIsKept() throws {
        let till = try Till()
        try till.topUp()
        let paid = try till.stripe.pay("cs_test_1")
        try till.shop.store.write { try $0.run("UPDATE payments SET ref = 'another'") }
        #expect(try till.deliver(paid) == "unmatched")
        #expect(try till.deliver(paid) == "duplicate")
        #expect(
            try till.shop.value(
                "SELECT amount AS value FROM payment_events WHERE payment_id IS NULL")
                == (5000 as Int64))
        #expect(try till.books() == "pending 0 0 0")
        #expect(try till.shop.breaches() == [])
    }

    @Test func malformedMessagesAreNotAccepted() throws {
        let till = try Till()
        for text in [
            #"{"id":"evt_1","type":"checkout.session.completed","livemode":false}"#, "[]", "{",
            #"{"id":"e","type":"charge.refunded","livemode":false,"data":{"object":{}}}"#,
            #"{"id":"e","type":"checkout.session.completed","livemode":false,"data":{"object":"#
                + #"{"payment_status":"paid","amount_total":-1,"currency":"usd"}}}"#,
        ] {
            let answer = till.shop.send(till.message(Array(text.utf8)))
            let isIgnored = text == "[]"
            #expect(answer.status == (isIgnored ? .ok : .badRequest), "\(text)")
        }
    }

    /// A fault of the shop is not a 2xx: Stripe repeats the message.
    @Test func aFaultOfTheShopIsNotAnAnswer() throws {
        let till = try Till()
        try till.topUp()
        let paid = try till.stripe.pay("cs_test_1")
        try till.shop.store.write { tx in
            try tx.run("ALTER TABLE payment_events RENAME TO payment_events_away")
        }
        #expect(till.shop.send(till.message(paid)).status == .internalServerError)
        try till.shop.store.write { tx in
            try tx.run("ALTER TABLE payment_events_away RENAME TO payment_events")
        }
        #expect(try till.deliver(paid) == "applied")
        #expect(try till.books() == "captured 5000 0 5000")
    }

    @Test func bothSecretsAreGoodWhileTheyAreChanged() throws {
        let till = try Till(
            PaymentOptions(
                methods: [.card],
                stripe: StripeOptions(isLive: false, webhookSecrets: ["whsec_new", "whsec_old"])))
        try till.topUp()
        let paid = try till.stripe.pay("cs_test_1")
        #expect(till.shop.send(till.message(paid, by: "whsec_older")).status == .badRequest)
        #expect(till.shop.send(till.message(paid, by: "whsec_old")).status == .ok)
        #expect(till.shop.send(till.message(paid, by: "whsec_new")).status == .ok)
        #expect(try till.books() == "captured 5000 0 5000")
    }
}
