import HTTP
import Outbox
import Sales
import Storage
import TestShop
import Testing

/// Refunds of cash and bank transfers, which staff must pay themselves.
@Suite struct RefundByHandTests {
    /// Ben orders two lamps, and Sami books a bank transfer.
    private func paid(in till: Till, _ method: String = "bank_transfer") throws {
        try Scenario.Step(
            .post, "/sales", as: "ben",
            #"{"items":[{"product_id":2,"quantity":2}],"payment":{"method":"bank_transfer"}}"#
        ).succeeds(in: till.shop)
        try Scenario.Step(
            .post, "/sales/1/payments", as: "sami",
            #"{"method":"\#(method)","amount":8000,"reference":"statement 7"}"#
        ).succeeds(in: till.shop)
    }

    private func refundOne(_ more: String = "", in till: Till) throws {
        till.shop.clock.pass(seconds: 1)
        try Scenario.Step(
            .post, "/sales/1/refund", as: "sami",
            #"{"items":[{"product_id":2,"quantity":1}],"restock":true,"reason":"x"\#(more)}"#
        ).succeeds(in: till.shop)
    }

    @Test func aBuyersCancellationAsksStaffToPay() throws {
        let till = try Till()
        var inbox = try Inbox(till)
        try paid(in: till)
        _ = try inbox.letters()
        till.shop.clock.pass(seconds: 60)
        try Scenario.Step(.post, "/sales/1/cancel", as: "ben").succeeds(in: till.shop)
        let letters = try inbox.letters()
        #expect(
            Set(letters.map { "\($0.template.rawValue) to \($0.to)" }) == [
                "refund-by-hand to sami@shop.example", "order-refunded to ben@shop.example",
            ])
        let staff = letters.first { $0.to == "sami@shop.example" }?.values
        #expect(staff?["order"] == "1" && staff?["amount"] == "80.00 USD")
        #expect(staff?["method"] == "bank transfer" && staff?["reference"] == "statement 7")
        #expect(staff?["subject"] == "/sales/payments/1")
        let buyer = letters.first { $0.to == "ben@shop.example" }?.values
        #expect(buyer?["by_hand"]?.contains("will transfer 80.00 USD") == true)
        #expect(try till.balance() == 0)
        #expect(try till.shop.breaches() == [])
    }

    /// Each message has the amount of its own refund.
    @Test func eachRefundIsToldWithItsAmount() throws {
        let till = try Till()
        var inbox = try Inbox(till)
        try paid(in: till, "cash")
        _ = try inbox.letters()
        for _ in 1...2 {
            try refundOne(in: till)
            let letters = try inbox.letters()
            let staff = letters.filter { $0.template.rawValue == "refund-by-hand" }
            #expect(staff.map { $0.values["amount"] } == ["40.00 USD"])
            #expect(staff.map { $0.values["method"] } == ["cash"])
            let buyer = letters.first { $0.template.rawValue == "order-refunded" }?.values
            #expect(buyer?["by_hand"]?.contains("will pay 40.00 USD") == true)
        }
    }

    /// Three payments settled the order: the buyer reads one sentence for each way to pay back.
    @Test func theBuyerReadsTheSumOfTheTransfers() throws {
        let till = try Till()
        var inbox = try Inbox(till)
        try Scenario.Step(
            .post, "/sales", as: "ben",
            #"{"items":[{"product_id":2,"quantity":2}],"payment":{"method":"bank_transfer"}}"#
        ).succeeds(in: till.shop)
        for (method, amount) in [("bank_transfer", 3000), ("cash", 1000), ("bank_transfer", 4000)] {
            try Scenario.Step(
                .post, "/sales/1/payments", as: "sami",
                #"{"method":"\#(method)","amount":\#(amount),"reference":"statement 7"}"#
            ).succeeds(in: till.shop)
        }
        _ = try inbox.letters()
        till.shop.clock.pass(seconds: 1)
        try Scenario.Step(.post, "/sales/1/cancel", as: "ben").succeeds(in: till.shop)
        let buyer = try inbox.letters().first { $0.template.rawValue == "order-refunded" }
        #expect(
            buyer?.values["by_hand"] == """
                The shop will transfer 70.00 USD of this to you. That can take some days.
                The shop will pay 10.00 USD of this to you in cash.
                """)
    }

    /// The money is in the wallet, and nobody has to pay it.
    @Test func aRefundIntoTheWalletAsksNobody() throws {
        let till = try Till()
        var inbox = try Inbox(till)
        try paid(in: till)
        _ = try inbox.letters()
        try refundOne(#","to":"wallet""#, in: till)
        let letters = try inbox.letters()
        #expect(letters.map { $0.template.rawValue } == ["order-refunded"])
        #expect(letters.first?.values["by_hand"] == "")
    }

    /// The provider pays the money back.
    @Test func aRefundToTheCardAsksNobody() throws {
        let till = try Till()
        var inbox = try Inbox(till)
        try OrderPaymentTests.order().succeeds(in: till.shop)
        try till.work()
        try till.deliver(till.stripe.pay("cs_test_1"))
        _ = try inbox.letters()
        till.shop.clock.pass(seconds: 1)
        try Scenario.Step(.post, "/sales/1/cancel", as: "ben").succeeds(in: till.shop)
        let letters = try inbox.letters()
        #expect(letters.map { $0.template.rawValue } == ["order-refunded"])
        #expect(letters.first?.values["by_hand"] == "")
    }

    @Test func listsPaymentsWithSuchRefunds() throws {
        let till = try Till()
        try paid(in: till)
        try till.topUp()
        func list(_ query: String, as account: String = "sami") throws -> [Int64] {
            let page = try Scenario.Step(.get, "/sales/payments\(query)", as: account)
                .succeeds(in: till.shop).json
            return page["data"]?.elements.compactMap { $0["id"]?.integer } ?? []
        }
        #expect(try list("?refunded_by_hand=true") == [])
        try refundOne(in: till)
        #expect(try list("?refunded_by_hand=true") == [1])
        #expect(try list("?refunded_by_hand=false") == [2])
        #expect(try list("") == [2, 1])
        #expect(try list("?refunded_by_hand=true&username=ada") == [])
        #expect(try list("?refunded_by_hand=true", as: "ben") == [1])
    }
}
