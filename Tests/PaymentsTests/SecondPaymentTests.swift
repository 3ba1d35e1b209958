import HTTP
import HTTPTypes
import Outbox
import Sales
import Storage
import TestShop
import Testing

/// Money that comes for an order after it was paid.
@Suite struct SecondPaymentTests {
    private static let again = #"{"method":"card","return_url":"https://shop.example"}"#
    private static let paidBefore =
        "payment-problem to sami@shop.example: Money came for an order that was paid before"

    private func statuses(in till: Till) throws -> [String] {
        try Scenario.Step(.get, "/sales/1/payments", as: "sami").succeeds(in: till.shop)
            .json["data"]?.elements.compactMap { $0["status"]?.text } ?? []
    }

    /// The token of the new order of a guest.
    private func guestOrder(in till: Till) throws -> String {
        let sold = try Scenario.Step(
            .post, "/sales",
            #"""
            {"items":[{"product_id":2,"quantity":1}],"email":"gail@example.com",\#
            "payment":{"method":"card","return_url":"https://shop.example"}}
            """#
        ).succeeds(in: till.shop).json
        return try #require(sold["order_token"]?.text)
    }

    private func book(_ amount: Int, in till: Till) throws {
        try Scenario.Step(
            .post, "/sales/1/payments", as: "sami",
            #"{"method":"cash","amount":\#(amount),"reference":"till"}"#
        ).succeeds(in: till.shop)
    }

    /// The buyer has two pages open, and pays on both.
    @Test func theBuyerAndStaffAreTold() throws {
        let till = try Till()
        var inbox = try Inbox(till)
        try OrderPaymentTests.order().succeeds(in: till.shop)
        try Scenario.Step(.post, "/sales/1/payments", as: "ben", Self.again).succeeds(in: till.shop)
        try till.work()
        try till.deliver(till.stripe.pay("cs_test_1"))
        // Nobody is sent to the page of the other attempt any more.
        #expect(try statuses(in: till) == ["captured", "expired"])
        _ = try inbox.mails()
        till.shop.clock.pass(seconds: 60)
        try till.deliver(till.stripe.pay("cs_test_2"))
        #expect(try statuses(in: till) == ["captured", "captured"])
        #expect(try till.balance() == 4000)
        let mails = try inbox.mails()
        #expect(Set(mails) == ["payment-extra to ben@shop.example", Self.paidBefore])
        #expect(try till.shop.breaches() == [])
    }

    /// A guest does not see the wallet.
    @Test func staffAreToldAboutAGuest() throws {
        let till = try Till()
        var inbox = try Inbox(till)
        let token = try guestOrder(in: till)
        try Scenario.Step(.post, "/sales/1/payments", Self.again, fields: [.orderToken: token])
            .succeeds(in: till.shop)
        try till.work()
        try till.deliver(till.stripe.pay("cs_test_2"))
        _ = try inbox.mails()
        till.shop.clock.pass(seconds: 60)
        try till.deliver(till.stripe.pay("cs_test_1"))
        let mails = try inbox.mails()
        #expect(Set(mails) == ["payment-extra to gail@example.com", Self.paidBefore])
    }

    /// Who booked the money knows it.
    @Test func staffAreNotToldAboutMoneyThatTheyBook() throws {
        let till = try Till()
        var inbox = try Inbox(till)
        try OrderPaymentTests.order().succeeds(in: till.shop)
        try till.work()
        try till.deliver(till.stripe.pay("cs_test_1"))
        _ = try inbox.mails()
        till.shop.clock.pass(seconds: 60)
        try book(4000, in: till)
        let mails = try inbox.mails()
        #expect(mails == ["payment-extra to ben@shop.example"])
    }

    /// An overpayment that pays the order is no second payment.
    @Test func thePaymentOfTheOrderIsNoSecondOne() throws {
        let till = try Till()
        var inbox = try Inbox(till)
        try OrderPaymentTests.order().succeeds(in: till.shop)
        till.shop.clock.pass(seconds: 60)
        try book(5000, in: till)
        let mails = try inbox.mails()
        #expect(
            mails == ["order-received to ben@shop.example", "order-paid to ben@shop.example"])
    }

    @Test func staffAreToldAboutLateMoneyOfAGuest() throws {
        let till = try Till()
        var inbox = try Inbox(till)
        let token = try guestOrder(in: till)
        try till.work()
        try Scenario.Step(.post, "/sales/1/cancel", fields: [.orderToken: token])
            .succeeds(in: till.shop)
        _ = try inbox.mails()
        till.shop.clock.pass(seconds: 60)
        try till.deliver(till.stripe.pay("cs_test_1"))
        let mails = try inbox.mails()
        #expect(
            Set(mails) == [
                "payment-late to gail@example.com",
                "payment-problem to sami@shop.example: "
                    + "Money came for the cancelled order of a guest",
            ])
    }

    /// The report counts the order by the payment that settled it.
    @Test func aCardThatPaysAnOrderForATransferIsItsMethod() throws {
        let till = try Till()
        try Scenario.Step(
            .post, "/sales", as: "ben",
            #"{"items":[{"product_id":2,"quantity":1}],"payment":{"method":"bank_transfer"}}"#
        ).succeeds(in: till.shop)
        try Scenario.Step(.post, "/sales/1/payments", as: "ben", Self.again).succeeds(in: till.shop)
        try till.work()
        try till.deliver(till.stripe.pay("cs_test_1"))
        let order = try Scenario.Step(.get, "/sales/1", as: "ben").succeeds(in: till.shop).json
        #expect(order["payment_method"] == "card" && order["status"] == "paid")
        let days = try Scenario.Step(.get, "/sales/reports/daily", as: "sami")
            .succeeds(in: till.shop).json["data"]
        let methods = days?[0]?["by_method"]?.elements
        #expect(methods?.compactMap { $0["method"]?.text } == ["card"])
        #expect(try till.shop.breaches() == [])
    }
}
