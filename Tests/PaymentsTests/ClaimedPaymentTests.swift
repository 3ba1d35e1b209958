import HTTP
import Service
import Storage
import TestShop
import Testing

@testable import Payments

/// Payments of orders that an account has claimed from guests.
@Suite struct ClaimedPaymentTests {
    private static let address = "gail@example.com"

    /// A guest orders a product by card, and the courier starts the payment.
    private func order(_ product: Int = 1, in till: Till) throws {
        try Scenario.Step(
            .post, "/sales",
            #"""
            {"items":[{"product_id":\#(product),"quantity":1}],"email":"\#(Self.address)",\#
            "payment":{"method":"card","return_url":"https://shop.example"}}
            """#
        ).succeeds(in: till.shop)
        try till.work()
    }

    private func claim(in till: Till) throws {
        #expect(try till.shop.register("gail", Self.address).status == .created)
        #expect(try till.shop.verifyAddress().status == .noContent)
    }

    /// The balances of the account and of its guests.
    private func balances(in till: Till) throws -> [Int64] {
        let guests: Int64 = try till.shop.value(
            "SELECT balance AS value FROM customers WHERE guest_email_key IS NOT NULL")
        return [try till.balance(of: "gail"), guests]
    }

    private func ids(_ target: String, as account: String, in till: Till) throws -> [Int64] {
        let page = try Scenario.Step(.get, target, as: account).succeeds(in: till.shop).json
        return page["data"]?.elements.compactMap { $0["id"]?.integer } ?? []
    }

    /// The name of a guest's row is the shop's own.
    @Test func thePaymentOfAGuestHasNoUsername() throws {
        let till = try Till()
        try order(in: till)
        #expect(try till.payment()["username"] == .null)
    }

    /// Pages of own and claimed payments are in one order.
    @Test func listsOwnAndClaimedPayments() throws {
        let till = try Till()
        try till.topUp(of: "ada")
        try order(in: till)
        try claim(in: till)
        try till.topUp(of: "gail")
        try order(in: till)
        try till.topUp(of: "gail")
        try order(in: till)
        try till.topUp(of: "ben")
        let login = #"{"username":"gail","password":"\#(TestShop.password)"}"#
        #expect(try till.shop.send(.post, "/customers/login", login).status == .ok)
        var found: [Int64] = []
        var target: String? = "/sales/payments?limit=2"
        while let now = target {
            let page = try till.shop.send(.get, now, as: "gail").json
            found += page["data"]?.elements.compactMap { $0["id"]?.integer } ?? []
            target = page["next"]?.text.map { "/sales/payments?limit=2&after=\($0)" }
        }
        #expect(found == [6, 5, 4, 3, 2])
        try till.deliver(till.stripe.pay("cs_test_4"))
        let captured = "/sales/payments?status=captured"
        #expect(try ids(captured, as: "gail", in: till) == [4])
        #expect(try ids("\(captured)&username=gail", as: "sami", in: till) == [4])
        #expect(try ids(captured, as: "ben", in: till) == [])
        #expect(try ids("/sales/payments", as: "ben", in: till) == [7])
        #expect(try ids("/sales/payments", as: "sami", in: till) == [7, 6, 5, 4, 3, 2, 1])
        let export = try Scenario.Step(.get, "/customers/gail/export", as: "gail").succeeds(
            in: till.shop
        ).json
        #expect(export["payments"]?.elements.count == 5)
        #expect(export["orders"]?.elements.count == 3)
        let entries = export["wallet_entries"]?.elements.compactMap { $0["kind"]?.text } ?? []
        #expect(entries.sorted() == ["paid_in", "purchase"])
    }

    /// Stripe accepts a refund and then reports that it failed, or does not accept it.
    @Test(arguments: [true, false])
    func aRefundThatComesBackReachesTheAccount(isAccepted: Bool) throws {
        let till = try Till()
        try order(2, in: till)
        try till.deliver(till.stripe.pay("cs_test_1"))
        try claim(in: till)
        if !isAccepted {
            // In the dashboard, whose message is late.
            _ = try till.stripe.event("charge.refunded", #""intent":"pi_1","total":4000"#)
        }
        try Scenario.Step(.post, "/sales/1/cancel", as: "gail").succeeds(in: till.shop)
        #expect(try balances(in: till) == [0, 0])
        try till.work()
        if isAccepted {
            try till.deliver(till.stripe.event("refund.failed", #""refund":"re_1""#))
        }
        #expect(try balances(in: till) == [4000, 0])
        #expect(try till.shop.breaches() == [])
    }

    /// Another amount than was asked for comes after the order was cancelled.
    @Test func moneyThatNoOrderWaitsForReachesTheAccount() throws {
        let till = try Till()
        try order(2, in: till)
        try claim(in: till)
        try Scenario.Step(.post, "/sales/1/cancel", as: "gail").succeeds(in: till.shop)
        try till.deliver(till.stripe.pay("cs_test_1", #""amount":3999"#))
        #expect(try till.payment()["status"] == "mismatch")
        #expect(try balances(in: till) == [3999, 0])
        #expect(try till.shop.breaches() == [])
    }
}
