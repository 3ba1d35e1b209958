import HTTP
import HTTPTypes
import Storage
import TestShop
import Testing

/// No statement of a route scans a whole table or sorts a page.
///
/// A store records the statements of every route for every kind of caller, with and without an
/// idempotency key. It also records two pages of every list, with every set of filters and every
/// sort order. Each engine then explains the plan of each statement.
@Suite struct QueryPlanTests {
    @Test(arguments: TestEngine.allCases) func noRouteReadsAWholeTable(engine: TestEngine) throws {
        let record = StatementRecord()
        try playRoutes(record, on: engine)
        let shop = try playLists(record, on: engine)
        let statements = record.all
        #expect(statements.count > 300, "too few for the routes: \(statements.count)")
        for sql in statements {
            let text = sql.text { "\($0)" }
            for step in try shop.store.queryPlan(of: sql)
            where step.isSlow && !Allowed.all.contains(where: { $0.allows(step, in: text) }) {
                Issue.record("\(step)\n\(text)")
            }
        }
    }

    /// A page among ties is found by both columns, without reading the rows before it.
    @Test func aPageIsFoundByKeyAndID() throws {
        let record = StatementRecord()
        let shop = try playLists(record, on: .sqlite)
        var ties = 0
        for sql in record.all {
            let text = sql.text { "\($0)" }
            guard text.contains(#/= \$\d+ AND [\w.]*id [<>] \$\d+ ORDER BY/#) else { continue }
            ties += 1
            let plan = try shop.store.queryPlan(of: sql)
            let steps = plan.filter { $0.contains(#/=\? AND (\w*id|rowid)[<>]\?/#) }
            let parts = plan.contains { $0.hasPrefix("MERGE") } ? 2 : 1
            #expect(steps.count == parts, "\(plan)\n\(text)")
        }
        #expect(ties > 90, "\(ties)")
    }

    func playRoutes(_ record: StatementRecord, on engine: TestEngine) throws {
        let shop = try TestShop.furnished(on: engine, record: record)
        // Requests that change nothing come first, while every caller still has access.
        let routes = RouteCase.all.filter(\.isSafe) + RouteCase.all.filter { !$0.isSafe }
        for (number, route) in routes.enumerated() {
            for (account, expected) in zip(RouteCase.callers, route.expected) {
                let key = HTTPFields.key("\(number)")
                for fields in [[:], key, key] as [HTTPFields] {
                    let answer = try route.send(in: shop, as: account, fields: fields)
                    #expect(answer.status.kind != .serverError, "\(route.testDescription)")
                    guard route.isSafe else { continue }
                    #expect(answer.status.code == expected, "\(route.testDescription)")
                }
            }
        }
    }

    /// Two of each listed resource, so that each list has a second page.
    @discardableResult
    func playLists(_ record: StatementRecord, on engine: TestEngine) throws -> TestShop {
        let shop = try TestShop.furnished(on: engine, record: record)
        for step in QueryPlanTests.seconds {
            let answer = try shop.send(step)
            try #require(answer.status.kind == .successful, "\(step): \(answer.text)")
        }
        for target in QueryPlanTests.lists {
            for account in ["ada", "adil"] {
                let page = try shop.send(.get, target, as: account)
                // Customers are rejected on staff routes.
                guard account == "adil" || page.status.code != 403 else { continue }
                #expect(page.status.code == 200, "\(target): \(page.text)")
                guard let next = try page.json["next"]?.text else { continue }
                let second = try shop.send(.get, "\(target)&after=\(next)", as: account)
                #expect(second.status.code == 200, "\(target): \(second.text)")
            }
        }
        return shop
    }

    private static let guestOrder = Scenario.Step(
        .post, "/sales",
        #"""
        {"items":[{"product_id":1,"quantity":1}],"email":"gail@example.com",\#
        "payment":{"method":"bank_transfer"}}
        """#)

    static let seconds: [Scenario.Step] = [
        .init(.post, "/sales/coupons", as: "sami", #"{"code":"NEXT","kind":"free_shipping"}"#),
        .init(.post, "/sales/gift-cards", as: "sami", #"{"amount":1,"count":1}"#),
        guestOrder, guestOrder,
        .init(
            .post, "/inventory", as: "sami",
            #"{"name":"pen","category":"paper","price":250,"stock":1,"low_stock":5}"#),
        .init(
            .post, "/inventory", as: "sami",
            #"{"name":"pen","category":"paper","price":250,"stock":1,"low_stock":5}"#),
        .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":1}]}"#),
        .init(.put, "/wishlist/1", as: "ada"),
        .init(.post, "/reviews", as: "ada", #"{"product_id":2,"rating":5}"#),
        .init(.post, "/reviews", as: "ben", #"{"product_id":1,"rating":5}"#),
        .init(.post, "/reviews", as: "ben", #"{"product_id":2,"rating":5}"#),
        .init(.post, "/reviews/1/approve", as: "mona"),
        .init(.post, "/reviews/2/approve", as: "mona"),
        .init(.post, "/reviews/3/approve", as: "mona"),
        .init(.post, "/reviews/4/approve", as: "mona"),
        .init(.post, "/reviews/1/flag", as: "ben", #"{"reason":"rude"}"#),
        .init(.post, "/reviews/2/flag", as: "ben", #"{"reason":"rude"}"#),
        .init(.post, "/reviews/1/flag", as: "sami", #"{"reason":"rude"}"#),
        .init(.post, "/reviews/3/flag", as: "ada", #"{"reason":"rude"}"#),
        .init(.post, "/inventory", as: "sami", #"{"name":"cap","category":"paper","price":1}"#),
        .init(.delete, "/inventory/6", as: "sami"),
        .init(.post, "/webhooks", as: "adil", #"{"url":"https://a.example","types":["*"]}"#),
        .init(.post, "/webhooks/1/test", as: "adil"),
    ]

    /// Every list, with every set of its filters, in every sort order.
    static let lists: [String] =
        combined(
            "/inventory", ["category=paper", "min_price=1", "max_price=900", "in_stock=true"],
            sorts: ["created_at", "price", "name"])
        + combined(
            "/inventory", ["q=pen", "category=paper", "min_price=1", "in_stock=true"],
            sorts: ["created_at", "price", "name"])
        + combined(
            "/reviews", ["product_id=1", "username=ada", "rating=5", "status=approved"],
            sorts: ["created_at", "rating", "helpful"])
        + combined(
            "/reviews", ["flagged=true", "product_id=1", "username=ada", "rating=5"],
            sorts: ["created_at", "rating", "helpful"])
        + combined(
            "/sales",
            [
                "username=ada", "status=paid", "from=2026-01-01T00:00:00Z",
                "to=2027-01-01T00:00:00Z",
            ],
            sorts: [])
        + combined(
            "/sales/payments", ["username=ada", "status=pending", "refunded_by_hand=true"],
            sorts: [])
        + combined(
            "/sales/invoices", ["from=2026-01-01T00:00:00Z", "to=2027-01-01T00:00:00Z"], sorts: [])
        + combined("/customers", ["q=a", "role=customer", "status=active"], sorts: [])
        + combined(
            "/customers/audit", ["username=ada", "actor=mona", "subject=/reviews/1"], sorts: [])
        + [
            "/inventory?in_stock=false", "/inventory?q=pen", "/reviews?status=pending",
            "/reviews?flagged=false", "/customers/ada/wallet/entries?", "/wishlist?",
            "/inventory/1/movements?", "/inventory/low-stock?", "/inventory?sort=name",
            "/inventory/archived?", "/reviews/1/flags?", "/webhooks?", "/webhooks/1/deliveries?",
            "/webhooks/1/deliveries?state=pending", "/sales/coupons?", "/sales/gift-cards?",
            "/sales/gift-cards?status=open", "/sales/returns?", "/sales/returns?status=requested",
            "/sales/gift-cards?status=open", "/sales/1/invoices?",
            "/customers?guest=true",
            "/customers?guest=true&q=gail@example.com",
        ].map { "\($0)&limit=1" }

    private static func combined(_ path: String, _ filters: [String], sorts: [String]) -> [String] {
        let orders = sorts.isEmpty ? [""] : sorts.flatMap { ["sort=\($0)", "sort=-\($0)"] }
        return (0..<(1 << filters.count)).flatMap { set in
            orders.map { order in
                let chosen = filters.indices.filter { set & (1 << $0) != 0 }.map { filters[$0] }
                let parts = (chosen + [order, "limit=1"]).filter { !$0.isEmpty }
                return "\(path)?\(parts.joined(separator: "&"))"
            }
        }
    }
}

/// A step whose cost grows with the number of rows, and why it is allowed.
private struct Allowed {
    let step: String
    let statement: String

    func allows(_ step: String, in text: String) -> Bool {
        step.contains(self.step) && text.contains(statement)
    }

    static let all = [
        // For INSERT the plan lists a search for rows with a broken foreign key.
        //
        // SQLite runs it only while a key is broken, which never happens here.
        Allowed(step: "SCAN ", statement: "INSERT INTO"),
        // At most `searchMax` products for any search.
        Allowed(step: "SCAN found", statement: "found(Storage.FullText"),
        Allowed(step: "SCAN shown", statement: "found(Storage.FullText"),
        Allowed(step: "USE TEMP B-TREE FOR ORDER BY", statement: "found(Storage.FullText"),
        // At most `fewMax` products, which were counted before.
        Allowed(step: "USE TEMP B-TREE FOR ORDER BY", statement: ") AS few"),
        Allowed(step: "SCAN few", statement: "LIMIT"),
        // One row for each category, and there are few.
        Allowed(step: "SCAN categories", statement: "FROM categories"),
        // Some hundred orders that wait to be counted.
        Allowed(step: "SCAN uncounted_orders", statement: "FROM uncounted_orders"),
        // The 32 oldest stored responses.
        Allowed(step: "SCAN idempotency_keys", statement: "ORDER BY id LIMIT 32"),
        // At most 1,000 webhooks, and those that wait to be removed.
        Allowed(step: "SCAN webhooks", statement: "OFFSET"),
        // The payments of at most 200 guests, at most 100 each.
        Allowed(step: "USE TEMP B-TREE FOR ORDER BY", statement: "customers.claimed_by"),
        // At most 200 shipping methods and 2,000 tax rates, and one row.
        Allowed(step: "SCAN shipping_methods", statement: "FROM shipping_methods"),
        Allowed(step: "SCAN tax_rates", statement: "FROM tax_rates"),
        Allowed(step: "SCAN tax_rate_changes", statement: "tax_rate_changes"),
        // One row.
        Allowed(step: "SCAN report_zone", statement: "FROM report_zone"),
        // A row for each requested day, or for each of its products, and the uncounted orders.
        Allowed(step: "SCAN sales", statement: "AS sales"),
        Allowed(step: "USE TEMP B-TREE FOR", statement: "AS sales"),
        // One row.
        Allowed(step: "SCAN event_positions", statement: "event_positions"),
        // The same small tables on PostgreSQL.
        Allowed(step: "Seq Scan on event_positions", statement: "event_positions"),
        Allowed(step: "Seq Scan on categories", statement: "categories"),
        Allowed(step: "Seq Scan on uncounted_orders", statement: "uncounted_orders"),
        Allowed(step: "Seq Scan on report_zone", statement: "report_zone"),
        Allowed(step: "Seq Scan on shipping_methods", statement: "shipping_methods"),
        Allowed(step: "Seq Scan on tax_rates", statement: "tax_rates"),
        Allowed(step: "Seq Scan on tax_rate_changes", statement: "tax_rate_changes"),
    ]
}

extension String {
    /// A step of a plan whose cost grows with the number of rows.
    fileprivate var isSlow: Bool {
        // FTS5 always reports SCAN: `0:=` is a lookup by document number, `M` by word.
        let isFine =
            self == "SCAN CONSTANT ROW" || contains(#/VIRTUAL TABLE INDEX \d+:(=|.*M)/#)
        return (hasPrefix("SCAN ") && !isFine) || contains("USE TEMP B-TREE")
            || contains("AUTOMATIC") || contains("Seq Scan on")
    }
}
