import HTTP
import HTTPTypes
import Outbox
import Storage
import TestShop
import Testing

/// The receipt of a return, also to addresses that may be someone else's.
@Suite struct ReturnReceiptTests {
    private static let request = #"""
        {"items":[{"product_id":2,"quantity":1}],"kind":"withdrawal",\#
        "reason":"I withdraw.\nThe shop owes me more."}
        """#
    /// No line of it can be taken for one of the shop.
    private static let quoted = "Your message:\n> I withdraw.\n> The shop owes me more."

    /// The values of the receipt.
    private func receipt(_ inbox: inout Inbox) throws -> [String: String] {
        let letters = try inbox.letters().filter { $0.template.rawValue == "return-requested" }
        return try #require(letters.first).values
    }

    private func ship(in till: Till) throws {
        try Scenario.Step(
            .post, "/sales/1/payments", as: "sami",
            #"{"method":"bank_transfer","amount":4000,"reference":"7"}"#
        ).succeeds(in: till.shop)
        try Scenario.Step(.post, "/sales/1/ship", as: "sami").succeeds(in: till.shop)
    }

    @Test func aGuestGetsItemsKindTimeAndText() throws {
        let till = try Till()
        var inbox = try Inbox(till)
        let sold = try Scenario.Step(
            .post, "/sales",
            #"""
            {"items":[{"product_id":2,"quantity":1}],"email":"gail@example.com",\#
            "payment":{"method":"bank_transfer"}}
            """#
        ).succeeds(in: till.shop).json
        let token = try #require(sold["order_token"]?.text)
        try ship(in: till)
        let made = try Scenario.Step(
            .post, "/sales/1/returns", Self.request, fields: [.orderToken: token]
        ).succeeds(in: till.shop).json
        let values = try receipt(&inbox)
        #expect(values["items"] == "1 × lamp" && values["kind"] == "withdrawal")
        #expect(values["time"] == made["created_at"]?.text)
        #expect(values["reason"] == Self.quoted)
    }

    @Test(arguments: [true, false])
    func anAccountGetsItsText(isVerified: Bool) throws {
        let till = try Till()
        var inbox = try Inbox(till)
        if !isVerified {
            try till.shop.store.write {
                try $0.run("UPDATE customers SET email_verified_at = NULL WHERE username = 'ben'")
            }
        }
        try Scenario.Step(
            .post, "/sales", as: "ben",
            #"{"items":[{"product_id":2,"quantity":1}],"payment":{"method":"bank_transfer"}}"#
        ).succeeds(in: till.shop)
        try ship(in: till)
        try Scenario.Step(.post, "/sales/1/returns", as: "ben", Self.request)
            .succeeds(in: till.shop)
        #expect(try receipt(&inbox)["reason"] == Self.quoted)
    }
}
