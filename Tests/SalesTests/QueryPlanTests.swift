import Storage
import StorageSQLite
import TestShop
import Testing

/// No statement that a route runs reads a whole table or sorts what it has read.
///
/// The routes of all four slices are played once, in every filter and sort, on a store that notes
/// what they run; then SQLite is asked for the plan of each.
@Suite struct QueryPlanTests {
    @Test func noRouteReadsAWholeTable() throws {
        let record = StatementRecord()
        let shop = try TestShop(selfCharge: true, record: record)
        try play(QueryPlanTests.changes, in: shop)
        for target in QueryPlanTests.lists {
            for account in ["ada", "adil"] {
                let response = try shop.send(.get, target, as: account)
                #expect(response.status.code == 200, "\(target): \(response.text)")
            }
        }
        let statements = record.all
        #expect(statements.count > 100, "too few for the routes: the record is not played")
        // What INSERT lists is a look for rows that a broken foreign key waits for; it is taken
        // only while one is broken, which none of ours ever is.
        for sql in statements where !sql.template.hasPrefix("INSERT") {
            for step in try shop.store.queryPlan(of: sql) where step.isSlow {
                let text = sql.text { _ in "BIGINT" }
                Issue.record("\(step)\n\(text)")
            }
        }
    }

    private func play(_ steps: [(Scenario.Step, Int)], in shop: TestShop) throws {
        for (step, status) in steps {
            let response = try shop.send(step)
            #expect(response.status.code == status, "\(step) \(response.text)")
        }
    }

    // swift-format-ignore
    static let changes: [(Scenario.Step, Int)] = [
        (.init(.post, "/customers", #"{"username":"carl","password":"a long one","full_name":"Carl"}"#), 201),
        (.init(.post, "/customers", #"{"username":"carl","password":"a long one","full_name":"Carl"}"#), 409),
        (.init(.post, "/customers/login", #"{"username":"carl","password":"a wrong one"}"#), 401),
        (.init(.post, "/customers/login", #"{"username":"carl","password":"a long one"}"#), 200),
        (.init(.post, "/customers/refresh", #"{"refresh_token":"no such token"}"#), 401),
        (.init(.get, "/customers/ada", as: "ada"), 200),
        (.init(.patch, "/customers/ada", as: "ada", #"{"age":36}"#), 200),
        (.init(.get, "/customers/ada/wallet", as: "ada"), 200),
        (.init(.post, "/customers/ada/wallet/charge", as: "ada", #"{"amount":1000}"#, fields: .key("a")), 201),
        (.init(.post, "/customers/ada/wallet/charge", as: "ada", #"{"amount":1000}"#, fields: .key("a")), 201),
        (.init(.post, "/customers/ada/wallet/deduct", as: "sami", #"{"amount":1000}"#), 201),
        (.init(.post, "/inventory", as: "sami", #"{"name":"Ink","category":"paper","price":1,"sku":"A"}"#), 201),
        (.init(.get, "/inventory/1"), 200),
        (.init(.patch, "/inventory/3", as: "sami", #"{"price":2}"#), 200),
        (.init(.post, "/inventory/3/stock", as: "sami", #"{"delta":2,"reason":"a box"}"#), 201),
        (.init(.post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":1},{"product_id":3,"quantity":1}]}"#, fields: .key("b")), 201),
        (.init(.post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":99}]}"#), 409),
        (.init(.get, "/sales/1", as: "ada"), 200),
        (.init(.put, "/wishlist/1", as: "ada"), 200),
        (.init(.get, "/wishlist", as: "ada"), 200),
        (.init(.delete, "/wishlist/1", as: "ada"), 204),
        (.init(.post, "/reviews", as: "ada", #"{"product_id":1,"rating":5}"#), 201),
        (.init(.post, "/reviews/1/approve", as: "mona"), 200),
        (.init(.post, "/reviews/1/reject", as: "mona", #"{"reason":"spam"}"#), 200),
        (.init(.get, "/reviews/1", as: "mona"), 200),
        (.init(.delete, "/inventory/3", as: "sami"), 204),
        (.init(.post, "/customers/logout", as: "ben"), 204),
    ]

    /// Every list, with every set of its filters in every sort.
    static let lists: [String] =
        combined(
            "/inventory", ["category=paper", "min_price=1", "max_price=9", "in_stock=true"],
            sorts: ["created_at", "price", "name"])
        + combined(
            "/reviews", ["product_id=1", "username=ada", "rating=5", "status=pending"],
            sorts: ["created_at", "rating"])
        + combined("/reviews", ["status=rejected"], sorts: [])
        + combined(
            "/sales",
            [
                "username=ada", "status=paid", "from=2026-01-01T00:00:00Z",
                "to=2027-01-01T00:00:00Z",
            ],
            sorts: [])
        + ["/inventory?in_stock=false"]
        + ["/customers/ada/wallet/entries"]

    private static func combined(_ path: String, _ filters: [String], sorts: [String]) -> [String] {
        let orders = sorts.isEmpty ? [""] : sorts.flatMap { ["sort=\($0)", "sort=-\($0)"] }
        return (0..<(1 << filters.count)).flatMap { set in
            orders.map { order in
                let chosen = filters.indices.filter { set & (1 << $0) != 0 }.map { filters[$0] }
                return "\(path)?\((chosen + [order]).filter { !$0.isEmpty }.joined(separator: "&"))"
            }
        }
    }
}

extension String {
    /// A step of a plan that costs more the more rows there are.
    fileprivate var isSlow: Bool {
        // FTS5 says SCAN whatever it does; `0:=` is a document by its number.
        let isFine = self == "SCAN CONSTANT ROW" || hasSuffix("VIRTUAL TABLE INDEX 0:=")
        return (hasPrefix("SCAN ") && !isFine) || contains("USE TEMP B-TREE")
    }
}
