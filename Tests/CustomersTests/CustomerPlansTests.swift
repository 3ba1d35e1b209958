import HTTP
import HTTPTypes
import Storage
import TestShop
import Testing

@Suite(.serialized, .onSQLite) struct CustomerPlansTests {
    /// Adds 50,000 customers: a few suspended, a few staff, many with the same name.
    static func crowd(_ shop: TestShop) throws {
        try shop.store.write { tx in
            try tx.run(
                """
                WITH RECURSIVE numbers (number) AS (
                    SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 50000
                )
                INSERT INTO customers (username, password_hash, full_name, name_key, role, status,
                    created_at, updated_at)
                SELECT 'user' || number, 'none', 'Name ' || (number % 977) || ' of ' || number,
                    'name ' || (number % 977) || ' of ' || number,
                    CASE WHEN number % 5000 = 7 THEN 'staff' ELSE 'customer' END,
                    CASE WHEN number % 5000 = 9 THEN 'suspended' ELSE 'active' END, number, number
                FROM numbers
                """)
        }
    }

    static let steps: [Scenario.Step] = [
        .init(.get, "/customers", as: "sami"),
        .init(.get, "/customers?role=staff", as: "sami"),
        .init(.get, "/customers?status=suspended", as: "sami"),
        .init(.get, "/customers?role=customer&status=suspended", as: "sami"),
        .init(.get, "/customers?q=name+4", as: "sami"),
        .init(.get, "/customers?q=u&role=staff", as: "sami"),
        .init(.get, "/customers?q=u&status=suspended", as: "sami"),
        .init(.get, "/customers?q=u&role=staff&status=suspended", as: "sami"),
        .init(
            .post, "/customers",
            #"{"username":"carla","password":"correct horse","full_name":"Carla"}"#,
            fields: .key("1")),
        .init(.post, "/customers/login", #"{"username":"carla","password":"correct horse"}"#),
        .init(.get, "/customers/ada", as: "ada"),
        .init(.patch, "/customers/ada", as: "sami", #"{"age":40}"#),
        .init(
            .post, "/customers/ada/addresses", as: "ada",
            #"{"name":"A","lines":["B"],"city":"C","country":"DE","default_billing":true}"#),
        .init(.get, "/customers/ada/addresses", as: "ada"),
        .init(.patch, "/customers/ada/addresses/1", as: "ada", #"{"default_shipping":true}"#),
        .init(.delete, "/customers/ada/addresses/1?dry_run=true", as: "ada"),
        .init(.put, "/wishlist/1", as: "ada"), .init(.get, "/wishlist", as: "ada"),
        .init(.delete, "/wishlist/1", as: "ada"), .init(.put, "/wishlist/2", as: "ada"),
        .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":1}]}"#),
        .init(.post, "/reviews", as: "ada", #"{"product_id":1,"rating":5}"#),
        .init(
            .post, "/customers/ada/wallet/credit", as: "sami", #"{"amount":250}"#, fields: .key("2")
        ),
        .init(
            .post, "/customers/ada/wallet/debit", as: "sami", #"{"amount":100000}"#,
            fields: .key("3")),
        .init(.get, "/customers/ada/wallet", as: "ada"),
        .init(.get, "/customers/ada/wallet/entries", as: "ada"),
        .init(.get, "/customers/ada/sessions", as: "adil"),
        .init(.delete, "/customers/ada/sessions/99999999?dry_run=true", as: "adil"),
        .init(.delete, "/customers/ada/sessions", as: "adil"),
        .init(.put, "/customers/ben/role", as: "adil", #"{"role":"staff"}"#),
        .init(.put, "/customers/ben/status", as: "adil", #"{"status":"suspended"}"#),
        .init(.get, "/customers/audit", as: "adil"),
        .init(.get, "/customers/audit?username=ada", as: "adil"),
        .init(.get, "/customers/audit?actor=sami", as: "adil"),
        .init(.get, "/customers/audit?actor=sami&username=ada", as: "adil"),
        .init(.get, "/customers/ada/export", as: "adil"),
        .init(.delete, "/customers/ada", as: "adil"),
        .init(.post, "/customers/logout", as: "mona"),
    ]

    @Test func searchesAndNeverScans() throws {
        let record = StatementRecord()
        let shop = try TestShop(record: record)
        for step in Self.steps {
            let answer = try shop.send(step)
            #expect(answer.status.kind != .serverError, "\(step): \(answer.text)")
        }
        let session = try shop.signIn("sami")
        _ = try shop.login("sami", "wrong horse")
        let next = try Tokens(shop.refresh(session.refresh))
        _ = try shop.refresh(session.refresh)
        for new in ["staple battery", "common horse"] {
            _ = try shop.send(
                .post, "/customers/sami/password", with: next, ChangePasswordTests.body(to: new))
        }
        #expect(record.all.count > 50)
        for sql in record.all {
            let text = sql.text { _ in "BIGINT" }
            // SQLite checks references to customers only if a parent row was missing before, which
            // never happens.
            let isParent = text.hasPrefix("INSERT INTO customers")
            // The 32 oldest stored responses.
            if text.contains("FROM idempotency_keys ORDER BY id LIMIT 32") { continue }
            for line in try shop.store.queryPlan(of: sql) {
                let isSearch = !line.hasPrefix("SCAN") || line == "SCAN CONSTANT ROW" || isParent
                #expect(
                    isSearch && !line.contains("TEMP B-TREE"),
                    "\(line) in \(text)")
            }
        }
    }

    @Test func usesTheIndexOfItsFilters() throws {
        let shop = try TestShop()
        let byPrefix = [
            "SEARCH customers USING INDEX customers_by_full_name (name_key>? AND name_key<?)",
            "SEARCH customers USING INDEX customers_accounts_by_username (username>? AND username<?)",
        ]
        let byPrefixAbove = [
            "SEARCH customers USING INDEX customers_above_by_full_name (role=? AND name_key>? AND name_key<?)",
            "SEARCH customers USING INDEX customers_above_by_username (role=? AND username>? AND username<?)",
        ]
        let byPrefixSuspended = [
            "SEARCH customers USING INDEX customers_suspended_by_full_name (status=? AND name_key>? AND name_key<?)",
            "SEARCH customers USING INDEX customers_suspended_by_username (status=? AND username>? AND username<?)",
        ]
        let plans: [(query: String, plan: [String])] = [
            ("", ["SEARCH customers USING INDEX customers_accounts (id<?)"]),
            ("?role=staff", ["SEARCH customers USING INDEX customers_by_role (role=? AND id<?)"]),
            (
                "?status=suspended",
                ["SEARCH customers USING INDEX customers_by_status (status=? AND id<?)"]
            ),
            (
                "?role=staff&status=suspended",
                [
                    "SEARCH customers USING INDEX customers_by_role_and_status (role=? AND status=? AND id<?)"
                ]
            ),
            ("?q=u", byPrefix),
            ("?q=u&role=customer&status=active", byPrefix),
            ("?q=u&role=staff", byPrefixAbove),
            ("?q=u&role=staff&status=active", byPrefixAbove),
            ("?q=u&role=staff&status=suspended", byPrefixAbove),
            ("?q=u&status=suspended", byPrefixSuspended),
            ("?q=u&role=customer&status=suspended", byPrefixSuspended),
        ]
        for (query, plan) in plans {
            let record = StatementRecord()
            let recorded = try TestShop(record: record)
            try Scenario.Step(.get, "/customers\(query)", as: "sami").succeeds(in: recorded)
            // In the order of the SQL texts: the search by full name comes before the one by
            // username.
            let lists = record.all.filter { $0.template.contains("LIMIT ") }
            let found = try lists.flatMap(shop.store.queryPlan)
            #expect(found == plan, "\(query): \(found)")
        }
    }

    /// The search by name skips customers whose name matches by username as well.
    ///
    /// It must stop at the end of the page and not read all customers to find more.
    @Test func stopsASearchByNameAtTheEndOfThePage() throws {
        let record = StatementRecord()
        let shop = try TestShop(record: record)
        try Self.crowd(shop)
        try shop.store.write { tx in
            _ = try tx.run(
                """
                UPDATE customers SET full_name = username || ' Smith', name_key = username || ' smith'
                WHERE id > 5
                """)
        }
        let answer = try shop.send(.get, "/customers?q=u", as: "sami")
        let last = try #require(try answer.json["data"]?[19]?["username"]?.text)
        #expect(try answer.json["next"] != .null)
        let byName = try #require(record.all.first { $0.template.contains("name_key AS") })
        let text = byName.text { "\($0)" }
        #expect(text.contains("name_key <= $") && !text.contains("name_key < $"))
        // It reads one row more than the page, to know whether there is a next page.
        let gone: Int64 = try shop.value(
            """
            SELECT COUNT(*) AS value FROM customers
            WHERE name_key >= 'u' AND name_key <= \(last)
            """)
        #expect(gone < 21)
        #expect(try shop.ids("/customers?q=user1234", as: "sami").count == 11)
    }

    static let pages = [
        "/customers", "/customers?limit=100", "/customers?role=staff", "/customers?role=customer",
        "/customers?status=suspended",
        "/customers?role=customer&status=suspended", "/customers?role=staff&status=active",
        "/customers?role=admin&status=suspended",
        "/customers?q=u", "/customers?q=user4", "/customers?q=name", "/customers?q=Name+5",
        "/customers?q=name+500+of+500&limit=100", "/customers?q=nobody",
        "/customers?q=c", "/customers?q=customer+a", "/customers?q=u&role=staff",
        "/customers?q=u&status=suspended",
        "/customers?q=n&role=admin", "/customers?q=name&role=customer&status=suspended",
    ]

    @Test func returnsAPageOfFiftyThousandQuickly() throws {
        let shop = try TestShop()
        try Self.crowd(shop)
        var slowest = (milliseconds: 0.0, target: "")
        for target in Self.pages {
            var after = ""
            var times: [Double] = []
            for _ in 0..<9 {
                var answer: Response?
                let time = try ContinuousClock().measure {
                    answer = try shop.send(.get, target + after, as: "sami")
                }
                times.append(time / .milliseconds(1))
                #expect(answer?.status.code == 200)
                let separator = target.contains("?") ? "&" : "?"
                let next = try answer?.json["next"]?.text
                after = next.map { "\(separator)after=\($0)" } ?? ""
            }
            let middle = median(times)
            if middle > slowest.milliseconds { slowest = (middle, target) }
            #expect(middle < 50, "\(target)")
        }
        print(
            "a page among 50 005 customers: \(slowest.milliseconds) ms at most, \(slowest.target)")
    }

    @Test func everyPageOfFiftyThousandCostsTheSame() throws {
        let shop = try TestShop()
        try Self.crowd(shop)
        for (target, count) in [
            ("/customers?q=user4", 11_111), ("/customers?status=suspended", 10),
        ] {
            let found = try shop.walk(target, as: "sami", limit: 100)
            #expect(found.count == count)
            #expect(Set(found.compactMap { $0["id"]?.integer }).count == count)
        }
    }
}
