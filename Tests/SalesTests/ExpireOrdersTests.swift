import HTTP
import Sales
import Storage
import TestShop
import Testing

/// Orders that cannot expire, because the stock of their product is at its limit.
@Suite struct ExpireOrdersTests {
    private func change(_ delta: Int64, in shop: TestShop) throws {
        try Scenario.Step(
            .post, "/inventory/2/stock", as: "sami", #"{"delta":\#(delta),"reason":"x"}"#
        ).succeeds(in: shop)
    }

    private func waiting(in shop: TestShop) throws -> Int64 {
        try shop.value("SELECT COUNT(*) AS value FROM orders WHERE status = 'pending'")
    }

    /// A shop with 120 such orders, which are older than an order that can expire.
    private func shop() throws -> TestShop {
        let shop = try TestShop()
        try change(200, in: shop)
        let buyers = (1...6).map { "buyer\($0)" }
        try shop.addCustomers(buyers)
        for buyer in buyers {
            for _ in 1...20 {
                try UnpaidOrderTests.order(
                    #"{"method":"bank_transfer"}"#, quantity: 1, as: buyer
                ).succeeds(in: shop)
            }
        }
        shop.clock.pass(seconds: 1)
        try Scenario.Step(
            .post, "/sales", as: "ben",
            #"{"items":[{"product_id":1,"quantity":1}],"payment":{"method":"bank_transfer"}}"#
        ).succeeds(in: shop)
        try change(1_000_000_000 - UnpaidOrderTests.stock(in: shop), in: shop)
        shop.clock.pass(seconds: 604_800)
        shop.forgetTokens()
        return shop
    }

    @Test func manyOrdersThatCannotExpireDelayNoOther() throws {
        let shop = try shop()
        #expect(throws: Problem.self) { try shop.expireOrders() }
        #expect(try waiting(in: shop) == 120)
        try change(-5, in: shop)
        #expect(throws: Problem.self) { try shop.expireOrders() }
        #expect(try waiting(in: shop) == 115)
        try change(-500, in: shop)
        while try shop.expireOrders() {}
        #expect(try waiting(in: shop) == 0)
        #expect(try shop.breaches() == [])
    }

    /// One write for many orders: a courier pauses after each one while the database is contended.
    @Test func fiveHundredOrdersTakeFewWrites() throws {
        let record = StatementRecord()
        let shop = try TestShop(record: record)
        try Scenario.Step(
            .post, "/inventory/1/stock", as: "sami", #"{"delta":1000,"reason":"x"}"#
        ).succeeds(in: shop)
        let buyers = (1...25).map { "buyer\($0)" }
        try shop.addCustomers(buyers)
        for (number, buyer) in buyers.enumerated() {
            for _ in 1...20 {
                try Scenario.Step(
                    .post, "/sales", as: buyer,
                    #"{"items":[{"product_id":1,"quantity":1}],"payment":{"method":"bank_transfer"}}"#
                ).succeeds(in: shop)
            }
            guard number == 12 else { continue }
            try UnpaidOrderTests.order(#"{"method":"bank_transfer"}"#, quantity: 1, as: "ben")
                .succeeds(in: shop)
        }
        try change(1_000_000_000 - UnpaidOrderTests.stock(in: shop), in: shop)
        shop.clock.pass(seconds: 604_800)
        let before = record.writes.count
        let begin = ContinuousClock.now
        var position: ExpiryPosition?
        #expect(throws: Problem.self) {
            try expireOrders(at: shop.clock.now, on: shop.recording, after: &position)
        }
        #expect(try waiting(in: shop) == 1)
        // One for each 50 ms of work, and few for the order that stays.
        let writes = record.writes.count - before
        let groups = Int((ContinuousClock.now - begin) / .milliseconds(50))
        #expect(writes < min(250, groups + 20), "\(writes) writes in \(groups) times 50 ms")
        shop.forgetTokens()
        try change(-1, in: shop)
        try shop.expireOrders()
        #expect(try waiting(in: shop) == 0)
        #expect(try shop.breaches() == [])
    }

    @Test func theNextCallContinuesAfterThem() throws {
        let shop = try shop()
        var position: ExpiryPosition?
        for expected: Int64 in [121, 121, 120] {
            #expect(throws: Problem.self) {
                try expireOrders(
                    at: shop.clock.now, on: shop.store, after: &position, atMost: 50)
            }
            #expect(try waiting(in: shop) == expected)
        }
        #expect(position == nil)
    }
}
