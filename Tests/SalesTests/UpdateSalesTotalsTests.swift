import HTTP
import Storage
import TestShop
import Testing

@testable import Sales

/// Orders are added to the daily totals in batches.
@Suite struct UpdateSalesTotalsTests {
    /// The courier counts 512 orders together.
    ///
    /// Reports are the same before and after.
    @Test func countsOrdersTogether() throws {
        let shop = try TestShop()
        func report(_ path: String) throws -> JSON? {
            try shop.send(.get, path, as: "sami").json["data"]?[0]
        }
        func counted(_ sql: SQL) throws -> Int64? {
            try shop.store.read { try $0.first(sql)?["n"] }
        }
        _ = try shop.send(
            .post, "/inventory/1/stock", as: "sami", #"{"delta":2000,"reason":"a crate"}"#)
        _ = try shop.send(.patch, "/inventory/1", as: "sami", #"{"price":2}"#)
        for number in 1...514 as ClosedRange<Int64> {
            let sold = try shop.send(CreateOrderTests.buy(1, 3))
            try #require(sold.status.code == 201, "\(sold.text)")
            guard number > 510 else { continue }
            #expect(try updateSalesTotals(on: shop.store) == (number == 512))
            let (day, product) = (try report(ReportsTests.daily), try report(ReportsTests.top))
            #expect(day?["orders"] == .integer(number))
            for sums in [day, product] {
                #expect(sums?["units"] == .integer(3 * number))
                #expect(sums?["gross"] == .integer(6 * number))
            }
            let waiting = number < 512 ? number : number - 512
            #expect(try counted("SELECT COUNT(*) AS n FROM uncounted_orders") == waiting)
            #expect(
                try counted("SELECT COUNT(*) AS n FROM sales_by_day") == (number < 512 ? 0 : 1))
            #expect(try shop.breaches() == [])
        }
    }

    /// Ids may have gaps, and an order may commit after others with higher ids.
    @Test func countsEveryOrderWhateverItsID() throws {
        let shop = try TestShop()
        func waiting() throws -> Int64? {
            try shop.store.read {
                try $0.first("SELECT COUNT(*) AS n FROM uncounted_orders")?["n"]
            }
        }
        func add(_ ids: some Sequence<Int64> & Sendable) throws {
            try shop.store.write { tx in
                for id in ids {
                    try tx.run(
                        """
                        INSERT INTO orders (id, customer_id, status, payment_status, subtotal,
                            total, currency, paid_at, created_at)
                        VALUES (\(id), 1, 'cancelled', 'paid', 3, 3, 'USD', \(shop.clock.now),
                            \(shop.clock.now))
                        """)
                    try updateSalesTotals(after: id, in: tx)
                }
            }
        }
        // No id at which an order looks at the queue.
        let first = Int64(1001)
        let last = first + Int64(queuedOrdersMax) + 100
        try add((first...last).filter { $0 % 256 != 0 })
        let before = try #require(try waiting())
        #expect(before >= Int64(queuedOrdersMax))
        try add((last + 255) / 256 * 256...(last + 255) / 256 * 256)
        #expect(try waiting() == before + 1 - Int64(ordersPerBatch))
        // After orders with higher ids have been counted.
        try add(1...500)
        let report = try shop.send(.get, ReportsTests.daily, as: "sami").json["data"]?[0]
        #expect(report?["orders"] == .integer(before + 501))
        #expect(report?["gross"] == .integer(3 * (before + 501)))
        try shop.store.write { try updateSalesTotals(in: $0) }
        #expect(try waiting() == 0)
        #expect(try shop.send(.get, ReportsTests.daily, as: "sami").json["data"]?[0] == report)
    }
}
