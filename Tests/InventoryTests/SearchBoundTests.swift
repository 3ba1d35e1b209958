import HTTP
import Inventory
import Storage
import StorageSQLite
import TestShop
import Testing

/// Searches with many matches.
///
/// They are exact up to 2,000 matches and consider the newest 2,000 otherwise.
@Suite struct SearchBoundTests {
    /// A shop with `count` pens.
    ///
    /// Each thousandth is in a category of its own, has the highest price and is in stock. Every
    /// fifth is also a quill.
    private func shop(_ count: Int64) throws -> TestShop {
        let shop = try TestShop()
        try shop.store.write { tx in
            try tx.run(
                """
                WITH RECURSIVE numbers (number) AS (
                    SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < \(count)
                )
                INSERT INTO products (id, name, name_key, category, price, stock, created_at, updated_at)
                SELECT number + 100, 'pen ' || CASE WHEN number % 5 = 0 THEN 'quill' ELSE '' END,
                    'pen ' || CASE WHEN number % 5 = 0 THEN 'quill' ELSE '' END,
                    CASE WHEN number % 1000 = 0 THEN 'rare' ELSE 'paper' END,
                    CASE WHEN number % 1000 = 0 THEN 9000 ELSE number % 7 END,
                    CASE WHEN number % 1000 = 0 THEN 1 ELSE 0 END, number, number FROM numbers
                """)
            try tx.run(
                """
                INSERT INTO product_search (\(.document), name, sku, description)
                SELECT id, name, '', '' FROM products WHERE id > 100
                """)
        }
        try shop.store.merge(productSearch)
        return shop
    }

    @Test func findsAllMatchesWithEveryFilter() throws {
        let shop = try shop(9000)
        let rare = (1...9).reversed().map { Int64($0 * 1000 + 100) }
        for filter in ["category=rare", "min_price=9000", "in_stock=true&min_price=1000"] {
            #expect(try shop.ids("/inventory?q=quill&\(filter)") == rare, "\(filter)")
            #expect(try shop.ids("/inventory?q=quill&\(filter)&sort=-price") == rare, "\(filter)")
        }
        // Every match is at its place, in an order that differs from the rank.
        let byPrice = try shop.walk("/inventory?q=quill&sort=price", limit: 100)
        let places = byPrice.map { ($0["price"]?.integer ?? 0, $0["id"]?.integer ?? 0) }
        #expect(places.count == 1800)
        #expect(zip(places, places.dropFirst()).allSatisfy { $0 < $1 })
        let ranked = try shop.walk("/inventory?q=quill", limit: 100)
        #expect(Set(ranked.compactMap { $0["id"]?.integer }).count == 1800)
    }

    @Test func considersTheNewestTwoThousand() throws {
        let shop = try shop(12_000)
        let rare = (11...12).reversed().map { Int64($0 * 1000 + 100) }
        #expect(try shop.ids("/inventory?q=pens&category=rare") == [])
        #expect(try shop.ids("/inventory?q=pe&category=rare") == rare)
        #expect(try shop.ids("/inventory?q=pe&category=rare&sort=created_at") == rare.reversed())
        let all = try shop.walk("/inventory?q=pe&sort=-created_at", limit: 100)
        #expect(all.compactMap { $0["id"]?.integer } == (10_101...12_100).reversed())
        let both = try shop.walk("/inventory?q=pen+quill", limit: 100)
        #expect(both.count == 2000)
    }

    /// Measured in steps of SQLite's virtual machine, which do not depend on the load of the
    /// machine.
    @Test(.onSQLite) func readsNoMoreAmongMany() throws {
        let queries = ["q=pen", "q=pen&sort=price", "q=pe&category=rare", "q=pen+quill&sort=-name"]
        let steps = try [12_000, 48_000].map { (count: Int64) -> [Int] in
            let shop = try shop(count)
            let store = try #require(shop.store as? SQLiteStore)
            return try queries.map { query -> Int in
                let before = store.statistics.limitedSteps
                let answer = try shop.send(.get, "/inventory?\(query)")
                #expect(answer.status.code == 200)
                return store.statistics.limitedSteps - before
            }
        }
        for (few, many) in zip(steps[0], steps[1]) {
            #expect(few > 0 && many <= few * 5 / 4 + 1000, "\(steps)")
        }
    }

    @Test(.onSQLite) func costsTheSameAmongMany() throws {
        let shop = try shop(100_000)
        for query in ["q=pen", "q=pen&sort=price", "q=pe&category=rare", "q=pen+quill&sort=-name"] {
            var times: [Double] = []
            for _ in 0..<5 {
                let time = try ContinuousClock().measure {
                    let answer = try shop.send(.get, "/inventory?\(query)")
                    #expect(try answer.json["data"]?.elements.count ?? 0 >= 2)
                }
                times.append(time / .milliseconds(1))
            }
            print("\(query) among 100 000 that have it: \(times.sorted()[2]) ms")
            #expect(times.sorted()[2] < 1000)
        }
    }
}
