import HTTP
import Outbox
import Storage
import TestShop
import Testing

@testable import Courier

/// Messages to an address that may be somebody else's.
@Suite struct MailFloodTests {
    /// An account that orders and cancels all day sends a stranger few messages.
    @Test(arguments: [(false, 20), (true, 30)] as [(Bool, Int64)])
    func anUnverifiedAddressGetsFewMessages(isVerified: Bool, expected: Int64) throws {
        let shop = try TestShop()
        let verified = isVerified ? shop.clock.now : nil
        try shop.store.write { tx in
            try tx.run(
                """
                UPDATE customers SET email = 'eve@example.com', email_key = 'eve@example.com',
                    email_verified_at = \(verified.stored)
                WHERE username = 'ada'
                """)
        }
        let body = #"""
            {"items":[{"product_id":1,"quantity":1}],"payment":{"method":"bank_transfer"}}
            """#
        for _ in 1...30 { try order(body, in: shop) }
        #expect(try messages(in: shop) == expected)
        shop.clock.pass(seconds: 24 * 60 * 60)
        shop.forgetTokens()
        try order(body, in: shop)
        #expect(try messages(in: shop) == expected + 1)
    }

    /// Orders, lets the courier read the events, and cancels.
    private func order(_ body: String, in shop: TestShop) throws {
        let sold = try Scenario.Step(.post, "/sales", as: "ada", body).succeeds(in: shop).json
        let id = try #require(sold["id"]?.integer)
        try Scenario.Step(.post, "/sales/\(id)/cancel", as: "ada").succeeds(in: shop)
        try shop.store.write { [now = shop.clock.now] tx in
            try numberEvents(in: tx)
            let new = try events(after: 0, subject: "/sales/\(id)", limit: 10, in: tx)
            try enqueueMails(about: new, at: now, in: tx)
        }
    }

    private func messages(in shop: TestShop) throws -> Int64 {
        try shop.value(
            """
            SELECT COUNT(*) AS value FROM jobs
            WHERE kind = 'mail' AND payload LIKE '%order-received%eve@example.com%'
            """)
    }
}
