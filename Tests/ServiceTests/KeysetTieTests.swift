import Foundation
import HTTP
import Storage
import TestShop
import Testing
import Words

/// Every page costs the same, even if all rows are equal except for their ids.
@Suite(.onSQLite) struct KeysetTieTests {
    private static let count: Int64 = 100_000

    /// 100,000 products with the same price, name, category and time.
    private func shop() throws -> TestShop {
        let shop = try TestShop()
        try shop.store.write { tx in
            try tx.run(
                """
                WITH RECURSIVE numbers (number) AS (
                    SELECT 3 UNION ALL SELECT number + 1 FROM numbers WHERE number < \(KeysetTieTests.count)
                )
                INSERT INTO products (id, name, name_key, category, price, stock, created_at, updated_at)
                SELECT number, 'pen', \(sortKey("pen")), 'paper', 250, 1, 0, 0 FROM numbers
                """)
            try tx.run(
                """
                UPDATE products SET price = 250, name = 'pen', name_key = \(sortKey("pen")),
                    category = 'paper'
                """)
        }
        return shop
    }

    @Test(
        arguments: ["price", "-price", "name", "-name", "created_at", "-created_at"],
        ["", "&category=paper", "&in_stock=true"])
    func aDeepPageCostsWhatTheFirstDoes(sort: String, filter: String) throws {
        let shop = try KeysetTieTests.shared.get()
        let list = "/inventory?limit=100&sort=\(sort)\(filter)"
        let isDescending = sort.first == "-"
        let first = try page(list, in: shop)
        let key =
            sort.hasSuffix("price") ? "250" : sort.hasSuffix("name") ? #""pen\u0001pen""# : "0"
        // After all rows except the last 150: one full page and one of fifty.
        let row = isDescending ? 151 : KeysetTieTests.count - 150
        let cursor = Data(#"["/inventory \#(sort)",\#(key),\#(row)]"#.utf8).base64EncodedString()
            .replacing("=", with: "").replacing("+", with: "-").replacing("/", with: "_")
        let deep = try page("\(list)&after=\(cursor)", in: shop)
        let last = isDescending ? Array((51...150).reversed()) : Array(row + 1...row + 100)
        #expect(deep.ids == last)
        let end = try page("\(list)&after=\(deep.next)", in: shop)
        #expect(end.ids.count == 50 && end.next.isEmpty)
        print("\(list): \(first.milliseconds) ms, after 99 850 ties \(deep.milliseconds) ms")
        // Scanning to this page takes SQLite two hundred times as long as seeking it.
        #expect(deep.milliseconds < first.milliseconds * 5 + 5)
    }

    private static let shared = Result { try KeysetTieTests().shop() }

    private func page(_ target: String, in shop: TestShop) throws -> (
        ids: [Int64], next: String, milliseconds: Double
    ) {
        var times: [Double] = []
        var page: JSON = .null
        // The fastest of several runs, because other processes may interrupt any of them.
        for _ in 0..<9 {
            var answer: Response?
            let time = try ContinuousClock().measure { answer = try shop.send(.get, target) }
            times.append(time / .milliseconds(1))
            page = try #require(answer).json
        }
        return (
            (page["data"]?.elements ?? []).compactMap { $0["id"]?.integer },
            page["next"]?.text ?? "", times.min() ?? 0
        )
    }
}
