import HTTP
import TestShop
import Testing

/// Concurrent refunds in any order never exceed what was paid, in units or in money.
@Suite struct RefundConcurrencyTests {
    /// An order as a refund sees it: for each product, its price and the remaining units.
    private struct Left {
        var prices: [Int64] = []
        var units: [Int64] = []
        var refunded: Int64 = 0

        /// Refunds these lines if possible.
        ///
        /// - Returns: whether it was possible.
        mutating func take(_ items: [(product: Int, quantity: Int64)]) -> Bool {
            guard items.allSatisfy({ units[$0.product] >= $0.quantity }) else { return false }
            for item in items {
                units[item.product] -= item.quantity
                refunded += item.quantity * prices[item.product]
            }
            return true
        }
    }

    /// The model numbers orders and products from 0, the shop from 3.
    @Test func neverExceedsWhatWasPaid() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var chance = SeededRandom(seed: seed)
        let shop = try TestShop()
        for price in [0, 1, 3, 99, 333, 10_007] {
            let body = #"{"name":"p","category":"c","price":\#(price),"stock":1000}"#
            _ = try shop.send(.post, "/inventory", as: "sami", body)
        }
        for order in 1...25 {
            var left = Left()
            left.prices = [0, 1, 3, 99, 333, 10_007]
            left.units = left.prices.map { _ in Int64(chance.below(5)) }
            if left.units.allSatisfy({ $0 == 0 }) { left.units[chance.below(6)] = 2 }
            let bought = left.units
            let items = bought.indices.filter { bought[$0] > 0 }.map {
                #"{"product_id":\#($0 + 3),"quantity":\#(bought[$0])}"#
            }
            let body = #"{"items":[\#(items.joined(separator: ","))]}"#
            let sale = try shop.send(.post, "/sales", as: "ada", body)
            #expect(sale.status.code == 201, "seed \(seed): \(sale.text)")
            for _ in 0..<12 {
                try refundByChance(&chance, &left, order: order, in: shop, seed: seed)
            }
            let rest = RefundOrderTests.refund(restock: false, order: order)
            let isAnyLeft = left.units.contains { $0 > 0 }
            #expect(try shop.send(rest).status.code == (isAnyLeft ? 200 : 409), "seed \(seed)")
            let after = try shop.send(.get, "/sales/\(order)", as: "ada").json
            #expect(after["refunded"] == after["total"], "seed \(seed)")
            #expect(after["status"] == "refunded", "seed \(seed)")
        }
        let balance = try shop.send(.get, "/customers/ada/wallet", as: "ada").json["balance"]
        #expect(balance == 100_000, "seed \(seed)")
        #expect(try shop.breaches() == [], "seed \(seed)")
    }

    private func refundByChance(
        _ chance: inout SeededRandom, _ left: inout Left, order: Int, in shop: TestShop,
        seed: UInt64
    ) throws {
        let start = chance.below(6)
        let items = (0...chance.below(3)).map {
            (product: (start + $0) % 6, quantity: Int64(chance.below(3) + 1))
        }
        let step = RefundOrderTests.refund(
            items.map { ($0.product + 3, $0.quantity) }, restock: chance.below(2) == 0,
            order: order)
        let isExpected = left.take(items)
        let response = try shop.send(step)
        #expect(response.status.code == (isExpected ? 200 : 409), "seed \(seed): \(step)")
        let shown = try shop.send(.get, "/sales/\(order)", as: "ada").json
        #expect(shown["refunded"] == .integer(left.refunded), "seed \(seed)")
        let isAnyLeft = left.units.contains { $0 > 0 }
        #expect(shown["status"] == (isAnyLeft ? "paid" : "refunded"), "seed \(seed)")
        let given = shown["timeline"]?.elements.dropFirst().compactMap { $0["amount"]?.integer }
        #expect(given?.reduce(0, +) == left.refunded, "seed \(seed)")
    }

    @Test func refundsFiveOfFiveFromSixteenThreads() throws {
        let shop = try TestShop()
        _ = try shop.token(of: "sami")
        _ = try shop.send(CreateOrderTests.buy(1, 5))
        let tally = ConcurrencyTests.Tally()
        onThreads(16) { _ in tally.count { try shop.send(RefundOrderTests.refund([(1, 1)])) } }
        #expect(tally.all == ["200": 5, "409 refund_exceeds_paid": 11])
        #expect(try shop.send(.get, "/sales/1", as: "ada").json["status"] == "refunded")
        #expect(try shop.send(.get, "/inventory/1").json["stock"] == 10)
        #expect(try shop.send(.get, "/customers/ada/wallet", as: "ada").json["balance"] == 100_000)
        #expect(try shop.breaches() == [])
    }

    /// The buyer cancels while staff refund: the money is returned once, by the first of both.
    @Test func eitherRefundsAllOrCancels() throws {
        let shop = try TestShop()
        try ConcurrencyTests.race(threads: 16, pens: 3, in: shop) { order, thread in
            thread % 2 == 0
                ? RefundOrderTests.refund(order: order)
                : .init(.post, "/sales/\(order)/cancel", as: "ada")
        } check: { responses in
            #expect(responses["200"] == 1, "\(responses)")
            #expect(responses.values.reduce(0, +) == 16)
            let wallet = try shop.send(.get, "/customers/ada/wallet", as: "ada")
            #expect(try wallet.json["balance"] == 100_000)
            #expect(try shop.send(.get, "/inventory/1").json["stock"] == 10)
        }
        #expect(try shop.breaches() == [])
    }

    @Test func refundsAPartAndCancelsTheRestAtOnce() throws {
        let shop = try TestShop()
        for account in ["ada", "sami"] { _ = try shop.token(of: account) }
        for round in 1...10 {
            _ = try shop.send(CreateOrderTests.buy(1, 3))
            onThreads(4) { number in
                _ =
                    number == 0
                    ? try? shop.send(.post, "/sales/\(round)/cancel", as: "ada")
                    : try? shop.send(RefundOrderTests.refund([(1, 1)], order: round))
            }
            let sale = try shop.send(.get, "/sales/\(round)", as: "ada").json
            #expect(sale["refunded"] == 750)
            #expect(sale["status"] == "cancelled" || sale["status"] == "refunded")
        }
        #expect(try shop.send(.get, "/customers/ada/wallet", as: "ada").json["balance"] == 100_000)
        #expect(try shop.breaches() == [])
    }
}
