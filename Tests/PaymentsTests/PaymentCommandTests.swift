import Foundation
import ShopFixture
import TestShop
import Testing
import Values

@testable import Payments

/// `souk payments` on the file of a shop, with an imitation of Stripe.
@Suite(.onSQLite) struct PaymentCommandTests {
    private func souk(_ arguments: String..., in till: Till) throws -> Outcome {
        let folder = till.shop.folder
        let secret = String(repeating: "k", count: 32)
        for (name, text) in [("stripe.key", "sk_test_1"), ("jwt.secret", secret)] {
            let file = folder.appendingPathComponent(name)
            try Data(text.utf8).write(to: file)
            chmod(file.path, 0o600)
        }
        return try run(
            Programs.souk, ["payments"] + arguments,
            environment: [
                "SOUK_DATABASE": folder.appendingPathComponent("souk.db").path,
                "SOUK_JWT_SECRET_FILE": folder.appendingPathComponent("jwt.secret").path,
                "SOUK_STRIPE_KEY_FILE": folder.appendingPathComponent("stripe.key").path,
                "SOUK_STRIPE_URL": till.stripe.url,
            ])
    }

    @Test func reconcileBooksWhatDidNotArrive() throws {
        let till = try Till()
        // The command has the clock of the machine, by which the order still waits.
        let clock = till.shop.clock
        clock.pass(seconds: (Instant.now().milliseconds - clock.now.milliseconds) / 1000)
        try OrderPaymentTests.order().succeeds(in: till.shop)
        try till.topUp()
        try till.deliver(till.stripe.pay("cs_test_2"))
        _ = try till.stripe.pay("cs_test_1")
        let found = try souk("reconcile", in: till)
        #expect(found.code == 0 && found.errors.isEmpty, "\(found)")
        #expect(found.output == "1 messages booked, 1 known, 0 unmatched, 0 unreadable\n")
        let order = try Scenario.Step(.get, "/sales/1", as: "ben").succeeds(in: till.shop).json
        #expect(order["status"] == "paid")
        let again = try souk("reconcile", "--days", "30", in: till)
        #expect(again.output == "0 messages booked, 2 known, 0 unmatched, 0 unreadable\n")
        #expect(try souk("reconcile", "--days", "31", in: till).code == 64)
        #expect(try till.shop.breaches() == [])
    }

    @Test func reconcileSaysWhyItFailed() throws {
        let till = try Till()
        try till.stripe.fail(next: "500")
        let found = try souk("reconcile", in: till)
        #expect(found.code == 1 && found.output.isEmpty)
        #expect(found.errors == "Error: Stripe answered 500: as the test asked\n")
    }

    @Test func unmatchedPrintsMessagesAboutUnknownPayments() throws {
        let till = try Till()
        try till.topUp()
        #expect(try souk("unmatched", in: till).output == "")
        let paid = try till.stripe.pay("cs_test_1")
        try till.shop.store.write { try $0.run("UPDATE payments SET ref = 'another'") }
        #expect(try till.deliver(paid) == "unmatched")
        let found = try souk("unmatched", in: till)
        #expect(found.code == 0 && found.errors.isEmpty)
        let lines = found.output.split(separator: "\n")
        #expect(lines.count == 1)
        let message = try JSON(parsing: Array(try #require(lines.first).utf8))
        let members = try JSON(
            parsing: Array(
                #"""
                {"id":1,"event_id":"evt_1","type":"checkout.session.completed","amount":5000,\#
                "provider_payment":"pi_1","created_at":"2026-11-18T11:06:40.000Z"}
                """#.utf8))
        #expect(message == members)
    }
}
