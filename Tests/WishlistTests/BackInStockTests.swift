import Outbox
import TestShop
import Testing
import Values
import Wishlist

/// Messages about products that are in stock again.
@Suite struct BackInStockTests {
    private let shop: TestShop

    /// Eve has no address, and that of Mallory is not verified.
    init() throws {
        shop = try TestShop()
        for name in ["eve", "frank", "grace", "heidi", "ivan", "mallory"] {
            let email = name == "eve" ? "null" : #""\#(name)@example.com""#
            let body =
                #"{"username":"\#(name)","password":"correct horse","full_name":"Dear","#
                + #""email":\#(email)}"#
            try Scenario.Step(.post, "/customers", body).succeeds(in: shop)
            try Scenario.Step(.put, "/wishlist/2", as: name).succeeds(in: shop)
        }
        try shop.store.write { tx in
            try tx.run(
                """
                UPDATE customers SET email_verified_at = 1
                WHERE email IS NOT NULL AND username <> 'mallory'
                """)
            try tx.run("DELETE FROM jobs")
        }
        try changeStock(by: -3)
    }

    private func changeStock(by delta: Int) throws {
        try Scenario.Step(
            .post, "/inventory/2/stock", as: "sami",
            #"{"delta":\#(delta),"reason":"correction"}"#
        ).succeeds(in: shop)
    }

    /// Does what the courier does, with two customers for each job.
    private func runCourier() throws {
        let (store, now) = (shop.store, shop.clock.now)
        try store.write { tx in
            _ = try numberEvents(in: tx)
            try enqueueBackInStock(
                about: try readEvents(limit: 1000, in: tx), at: now, in: tx)
        }
        var claims = JobClaims(by: "test")
        while true {
            let due = try claims.claim(atMost: 100, on: store, at: now)
            let ours = due.filter { $0.kind == backInStockJobKind }
            if ours.isEmpty { return }
            for job in ours {
                let lease = try #require(job.lease)
                try store.write { tx in
                    #expect(try complete(lease, in: tx))
                    try noticeBackInStock(job.payload, of: shop.shop, atMost: 2, at: now, in: tx)
                }
            }
        }
    }

    private func receivers() throws -> [String] {
        try shop.store.read { tx in
            try jobs(after: 0, limit: 1000, in: tx).filter { $0.kind == OutgoingMail.jobKind }
        }.map { try OutgoingMail(payload: $0.payload).to }.sorted()
    }

    private let everybody = ["frank", "grace", "heidi", "ivan"].map { "\($0)@example.com" }

    @Test func goToEveryVerifiedAddressOnce() throws {
        try changeStock(by: 5)
        try runCourier()
        #expect(try receivers() == everybody)
        // Out and back on the same day.
        try changeStock(by: -5)
        try changeStock(by: 5)
        try runCourier()
        #expect(try receivers() == everybody)
        try changeStock(by: -5)
        shop.clock.pass(seconds: 24 * 60 * 60)
        shop.forgetTokens()
        try changeStock(by: 5)
        try runCourier()
        #expect(try receivers().count == 8)
    }

    /// A customer buys the last unit and cancels, again and again.
    @Test func theWishlistIsReadOnceAnHour() throws {
        func walks() throws -> Int64 {
            try shop.value(
                "SELECT COUNT(*) AS value FROM jobs WHERE kind = \(backInStockJobKind)")
        }
        func readEvents() throws {
            let now = shop.clock.now
            try shop.store.write { tx in
                while try numberEvents(in: tx) > 0 {}
                try enqueueBackInStock(
                    about: try Outbox.readEvents(limit: 1000, in: tx), at: now, in: tx)
            }
        }
        for _ in 1...5 {
            try changeStock(by: 5)
            try changeStock(by: -5)
            try readEvents()
        }
        // One now, and one in an hour that finds the wishes of the meantime.
        #expect(try walks() == 2)
        try changeStock(by: 5)
        try runCourier()
        #expect(try receivers() == everybody)
        #expect(try walks() == 1)
        try Scenario.Step(.put, "/wishlist/2", as: "ada").succeeds(in: shop)
        let now = shop.clock.now
        try shop.store.write { tx in
            try tx.run(
                """
                UPDATE customers SET email = 'ada@example.com', email_key = 'ada@example.com',
                    email_verified_at = \(now) WHERE username = 'ada'
                """)
        }
        shop.clock.pass(seconds: 3600)
        shop.forgetTokens()
        try runCourier()
        #expect(try receivers().filter { $0 == "ada@example.com" }.count == 1)
        #expect(try walks() == 0)
    }

    @Test func areNotSentAboutWhatIsGoneAgain() throws {
        try changeStock(by: 5)
        try changeStock(by: -5)
        try runCourier()
        #expect(try receivers() == [])
        try changeStock(by: 5)
        try Scenario.Step(.delete, "/inventory/2", as: "sami").succeeds(in: shop)
        try runCourier()
        #expect(try receivers() == [])
    }
}
