import HTTP
import Inventory
import Seeds
import Storage
import TestShop
import Testing

/// The client cannot see which of two plans answered a filter.
///
/// Filters with few matches are read by their index and sorted. Filters with many matches are read
/// in the order of the list.
@Suite struct FewProductsTests {
    /// A shop with 3202 products at prices from 100, of which `soldOut` have no stock.
    private func shop(soldOut: Int64, record: StatementRecord) throws -> TestShop {
        let shop = try TestShop(record: record)
        try shop.store.write { tx in
            _ = try addSeedProducts(3200, from: 1, stock: 5, by: 4, at: shop.clock.now, in: tx)
            // 7919 has no divisor in common with 3202, so each product has a different remainder.
            try tx.run(
                """
                UPDATE products SET created_at = created_at - id % 7,
                    stock = CASE WHEN id * 7919 % 3202 < \(soldOut) THEN 0 ELSE 5 END
                """)
        }
        return shop
    }

    static let filters = [
        "min_price=100", "min_price=990", "min_price=2000", "min_price=400&max_price=400",
        "max_price=998",
        "in_stock=false", "in_stock=false&min_price=100", "in_stock=false&max_price=200",
        "in_stock=true&min_price=950",
        "category=pens&min_price=100", "category=pens&in_stock=false",
        "category=pens&in_stock=false&min_price=900",
    ]

    @Test(arguments: [5, 3100] as [Int64]) func bothPlansReturnTheSame(soldOut: Int64) throws {
        let record = StatementRecord()
        let shop = try shop(soldOut: soldOut, record: record)
        for sort in ["name", "-name", "price", "-price", "created_at", "-created_at"] {
            let all = try shop.walk("/inventory?sort=\(sort)", limit: 100)
            #expect(all.count == 3202)
            for filter in Self.filters {
                let listed = try shop.walk("/inventory?sort=\(sort)&\(filter)", limit: 100)
                let expected = all.filter { fits($0, filter) }
                #expect(
                    listed.map { $0["id"]?.integer } == expected.map { $0["id"]?.integer },
                    "\(sort) \(filter)")
            }
        }
        guard TestEngine.current == .sqlite else { return }
        // No plan reads a whole table, and only the counted matches are sorted.
        var sorted = 0
        for sql in record.all {
            let text = sql.text { "\($0)" }
            let plan = try shop.store.queryPlan(of: sql)
            #expect(!plan.contains { $0.hasPrefix("SCAN products") }, "\(plan)\n\(text)")
            guard plan.contains(where: { $0.contains("TEMP B-TREE") }) else { continue }
            sorted += 1
            #expect(text.contains(") AS few"), "\(plan)\n\(text)")
        }
        #expect(sorted > 0)
    }

    private func fits(_ product: JSON, _ filter: String) -> Bool {
        filter.split(separator: "&").allSatisfy { part in
            let (name, value) = (part.prefix { $0 != "=" }, part.drop { $0 != "=" }.dropFirst())
            let price = product["price"]?.integer ?? 0
            switch name {
            case "min_price": return price >= Int64(value) ?? 0
            case "max_price": return price <= Int64(value) ?? 0
            case "in_stock": return (product["stock"] != 0) == (value == "true")
            default: return product["category"]?.text == String(value)
            }
        }
    }
}
