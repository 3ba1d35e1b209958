import HTTP
import Sales
import TestShop
import Testing

/// The messages that follow from the money of an order and from a dispute about it.
@Suite struct DisputeMailTests {
    /// What became of the order before the dispute.
    enum Fate: String, CaseIterable {
        case paid, shipped, refunded, cancelled
        case refundedIntoWallet
        /// The money came after the order was cancelled.
        case late
    }

    /// A till with an order that the courier has read about, and the messages about it.
    private func inbox(after fate: Fate) throws -> (inbox: Inbox, mails: [String]) {
        let till = try Till()
        var inbox = try Inbox(till)
        try OrderPaymentTests.order().succeeds(in: till.shop)
        try till.work()
        if fate == .late {
            till.shop.clock.pass(seconds: holdSeconds)
            try till.shop.expireOrders()
            till.shop.forgetTokens()
        }
        try till.deliver(till.stripe.pay("cs_test_1"))
        func act(_ action: String, as account: String = "sami", _ body: String? = nil) throws {
            try Scenario.Step(.post, "/sales/1/\(action)", as: account, body).succeeds(
                in: till.shop)
        }
        switch fate {
        case .paid, .late: break
        case .shipped: try act("ship")
        case .cancelled: try act("cancel", as: "ben")
        case .refunded: try act("refund", #"{"restock":true,"reason":"x"}"#)
        case .refundedIntoWallet:
            try act("refund", #"{"restock":true,"reason":"x","to":"wallet"}"#)
        }
        try till.work()
        let mails = try inbox.mails()
        return (inbox, mails)
    }

    @Test(arguments: Fate.allCases)
    func onlyMoneyThatCameTooLateIsToldAsLate(fate: Fate) throws {
        let late = try inbox(after: fate).mails.filter { $0.hasPrefix("payment-late") }
        #expect(late == (fate == .late ? ["payment-late to ben@shop.example"] : []))
    }

    /// The bank tells the buyer.
    @Test(arguments: Fate.allCases, ["won", "lost", "warning_closed"])
    func aDisputeIsToldToStaffOnly(fate: Fate, outcome: String) throws {
        var (inbox, _) = try inbox(after: fate)
        let till = inbox.till
        till.shop.clock.pass(seconds: 60)
        let intent = #""intent":"pi_1""#
        try till.deliver(till.stripe.event("charge.dispute.created", intent))
        let staff = "payment-problem to sami@shop.example: The buyer"
        let first = try inbox.mails()
        #expect(first == ["\(staff) disputes it at their bank"])
        till.shop.clock.pass(seconds: 60)
        try till.deliver(
            till.stripe.event("charge.dispute.closed", #"\#(intent),"status":"\#(outcome)""#))
        let second = try inbox.mails()
        #expect(second == (outcome == "lost" ? ["\(staff) has won the dispute at their bank"] : []))
        #expect(try till.shop.breaches() == [])
    }

    @Test func aFurtherDisputeIsToldToo() throws {
        var (inbox, _) = try inbox(after: .paid)
        let till = inbox.till
        for number in 1...2 {
            till.shop.clock.pass(seconds: 60)
            let dispute = #""intent":"pi_1","dispute":"du_\#(number)""#
            try till.deliver(till.stripe.event("charge.dispute.created", dispute))
            let told = try inbox.mails()
            #expect(
                told == [
                    "payment-problem to sami@shop.example: The buyer disputes it at their bank"
                ])
            till.shop.clock.pass(seconds: 60)
            try till.deliver(
                till.stripe.event("charge.dispute.closed", #"\#(dispute),"status":"won""#))
        }
    }

    /// Staff know since the money came that it is another amount.
    @Test func aWonDisputeOfAnotherAmountIsNotToldAgain() throws {
        let till = try Till()
        var inbox = try Inbox(till)
        try till.topUp()
        try till.deliver(till.stripe.pay("cs_test_1", #""amount":4999"#))
        let first = try inbox.mails()
        #expect(
            first == [
                "payment-problem to sami@shop.example: Another amount came than was asked for"
            ])
        till.shop.clock.pass(seconds: 60)
        try till.deliver(
            till.stripe.event("charge.dispute.closed", #""intent":"pi_1","status":"won""#))
        let second = try inbox.mails()
        #expect(second == [])
    }
}
