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

    /// A customer buys the last unit and cancels, again and again.
    @Test func staffGetOneMessageAboutAProductADay() throws {
        let shop = try TestShop()
        for name in ["sami", "adil"] { try shop.giveAddress("\(name)@example.com", to: name) }
        try Scenario.Step(.patch, "/inventory/2", as: "sami", #"{"low_stock":2}"#)
            .succeeds(in: shop)
        func cycle() throws {
            let buy = #"{"items":[{"product_id":2,"quantity":3}]}"#
            let sold = try Scenario.Step(.post, "/sales", as: "ada", buy).succeeds(in: shop).json
            let id = try #require(sold["id"]?.integer)
            try Scenario.Step(.post, "/sales/\(id)/cancel", as: "ada").succeeds(in: shop)
            try shop.readEvents()
        }
        func count() throws -> Int64 {
            try shop.value(
                "SELECT COUNT(*) AS value FROM jobs WHERE payload LIKE '%low-stock%'")
        }
        for _ in 1...6 { try cycle() }
        // It says that the product is out of stock.
        #expect(try count() == 2)
        shop.clock.pass(seconds: 24 * 60 * 60)
        shop.forgetTokens()
        try cycle()
        #expect(try count() == 4)
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

extension TestShop {
    /// Leaves the messages about the events that the courier has not read.
    func readEvents() throws {
        let now = clock.now
        try store.write { tx in
            while try numberEvents(in: tx) > 0 {}
            try enqueueMails(about: try Outbox.readEvents(limit: 1000, in: tx), at: now, in: tx)
        }
    }
}
