import HTTP
import HTTPTypes
import Storage
import TestShop
import Testing

@Suite struct EraseCustomerTests {
    static let rows = [
        Scenario(
            "lets customers erase themselves", .init(.delete, "/customers/ben", as: "ben"),
            gives: 204),
        Scenario(
            "lets an admin erase any customer", .init(.delete, "/customers/ben", as: "adil"),
            gives: 204),
        Scenario(
            "lets an admin erase themselves if another admin exists",
            after: [.init(.put, "/customers/ben/role", as: "adil", #"{"role":"admin"}"#)],
            .init(.delete, "/customers/adil", as: "adil"), gives: 204),
        Scenario(
            "rejects an anonymous caller", .init(.delete, "/customers/ben"), gives: 401,
            code: "token_missing"),
        Scenario(
            "hides the account from another customer", .init(.delete, "/customers/ben", as: "ada"),
            gives: 404, code: "customer_not_found"),
        Scenario(
            "hides the account from a moderator", .init(.delete, "/customers/ben", as: "mona"),
            gives: 404, code: "customer_not_found"),
        Scenario(
            "rejects staff", .init(.delete, "/customers/ben", as: "sami"), gives: 403,
            code: "forbidden"),
        Scenario(
            "reports an unknown customer", .init(.delete, "/customers/nobody", as: "adil"),
            gives: 404, code: "customer_not_found"),
        Scenario(
            "rejects a customer with a balance", .init(.delete, "/customers/ada", as: "ada"),
            gives: 409, code: "wallet_not_empty"),
        Scenario(
            "rejects an admin if the customer has a balance",
            .init(.delete, "/customers/ada", as: "adil"), gives: 409, code: "wallet_not_empty"),
        Scenario(
            "returns the result of a dry run",
            .init(.delete, "/customers/ben?dry_run=true", as: "ben"), gives: 204,
            fields: ["Dry-Run": "true"]),
        Scenario(
            "returns the error of a dry run",
            .init(.delete, "/customers/ada?dry_run=true", as: "ada"), gives: 409,
            code: "wallet_not_empty"),
        Scenario(
            "rejects a second deletion", after: [.init(.delete, "/customers/ben", as: "adil")],
            .init(.delete, "/customers/ben", as: "adil"), gives: 404, code: "customer_not_found"),
        Scenario(
            "rejects the name of an erased customer",
            after: [.init(.delete, "/customers/ben", as: "adil")],
            .init(.delete, "/customers/erased~2", as: "adil"), gives: 404,
            code: "customer_not_found"),
        Scenario(
            "rejects a new status for an erased customer",
            after: [.init(.delete, "/customers/ben", as: "adil")],
            .init(.put, "/customers/erased~2/status", as: "adil", #"{"status":"active"}"#),
            gives: 404, code: "customer_not_found"),
        Scenario(
            "rejects a new role for an erased customer",
            after: [.init(.delete, "/customers/ben", as: "adil")],
            .init(.put, "/customers/erased~2/role", as: "adil", #"{"role":"admin"}"#), gives: 404,
            code: "customer_not_found"),
        Scenario(
            "rejects an export of an erased customer",
            after: [.init(.delete, "/customers/ben", as: "adil")],
            .init(.get, "/customers/erased~2/export", as: "adil"), gives: 404,
            code: "customer_not_found"),
        Scenario(
            "rejects a credit to an erased customer",
            after: [.init(.delete, "/customers/ben", as: "adil")],
            .init(.post, "/customers/erased~2/wallet/credit", as: "adil", #"{"amount":1}"#),
            gives: 404, code: "customer_not_found"),
        Scenario(
            "rejects a login with the new name",
            after: [.init(.delete, "/customers/ben", as: "adil")],
            .init(
                .post, "/customers/login", #"{"username":"erased~2","password":"correct horse"}"#),
            gives: 401, code: "invalid_credentials"),
        Scenario(
            "rejects a registration of the new name",
            .init(
                .post, "/customers",
                #"{"username":"erased~2","password":"correct horse","full_name":"x"}"#), gives: 422,
            code: "invalid_request"),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    /// Text that only carla's account could have brought into the shop.
    static let traces = [
        "carla", "Quillfeather", "Zebrafinch", "q@example", "CarlaBrowser", "198.51.100.77",
    ]

    /// A request with the headers of carla's machine.
    static func request(
        _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil,
        fields: HTTPFields = [:]
    ) -> Request {
        var fields = fields
        fields[.userAgent] = "CarlaBrowser/1.0"
        fields[.contentType] = body == nil ? nil : "application/json"
        return Request(
            method: method, path: path, fields: fields, body: Array((body ?? "").utf8),
            id: "c0000000000000000000000000000001", address: "198.51.100.77")
    }

    private static let carlasSteps: [Scenario.Step] = [
        .init(
            .post, "/customers/carla/wallet/credit", as: "sami",
            #"{"amount":5000,"note":"cash from Quillfeather"}"#, fields: .key("1")),
        .init(
            .post, "/sales", as: "carla", #"{"items":[{"product_id":1,"quantity":2}]}"#,
            fields: .key("carla buys")),
        .init(.put, "/wishlist/2", as: "carla"),
        .init(
            .post, "/customers/carla/addresses", as: "sami",
            #"{"name":"C. Quillfeather","lines":["1 Zebrafinch Lane"],"city":"York","country":"GB"}"#,
            fields: .key("9")),
        .init(
            .post, "/reviews", as: "carla",
            #"{"product_id":1,"rating":5,"title":"by Quillfeather","comment":"See Zebrafinch Lane"}"#,
            fields: .key("2")),
        .init(
            .post, "/reviews", as: "carla",
            #"{"product_id":2,"rating":1,"comment":"Mail q@example.org"}"#),
        .init(.post, "/reviews/1/approve", as: "mona", fields: .key("3")),
        .init(
            .post, "/reviews/2/reject", as: "mona", #"{"reason":"rude, Quillfeather"}"#,
            fields: .key("4")),
        .init(.put, "/reviews/2/reply", as: "sami", #"{"text":"Dear Ms Quillfeather"}"#),
        .init(.put, "/reviews/1/reply", as: "sami", #"{"text":"Dear Ms Quillfeather"}"#),
        .init(.post, "/reviews", as: "ada", #"{"product_id":1,"rating":1}"#),
        .init(.post, "/reviews/3/approve", as: "mona"),
        .init(.put, "/reviews/3/vote", as: "carla"),
        .init(
            .post, "/reviews/3/flag", as: "carla", #"{"reason":"Zebrafinch Lane is mine"}"#,
            fields: .key("6")),
        .init(.post, "/reviews/1/flag", as: "ada", #"{"reason":"I know Quillfeather"}"#),
        .init(
            .post, "/sales/1/ship", as: "sami",
            #"{"tracking_number":"Quillfeather 7","tracking_url":"https://a.example/q@example.org"}"#,
            fields: .key("7")),
        .init(
            .post, "/sales/1/returns", as: "carla",
            #"{"items":[{"product_id":1,"quantity":1}],"kind":"return","reason":"I am Quillfeather"}"#,
            fields: .key("10")),
        .init(
            .post, "/sales/1/returns/1/decline", as: "sami",
            #"{"reason":"Zebrafinch Lane is too far"}"#, fields: .key("11")),
        .init(
            .post, "/sales/1/refund", as: "sami",
            #"{"items":[{"product_id":1,"quantity":1}],"restock":true,"reason":"Quillfeather sent one back"}"#,
            fields: .key("8")),
        .init(.patch, "/customers/carla", as: "sami", #"{"age":34}"#),
        .init(.put, "/customers/carla/role", as: "adil", #"{"role":"moderator"}"#),
        .init(.get, "/customers/carla/export", as: "adil"),
        .init(
            .post, "/customers/carla/wallet/debit", as: "sami",
            #"{"amount":4750,"note":"paid to Quillfeather"}"#, fields: .key("5")),
    ]

    /// Carla registers, buys and is moderated: every action that stores something about her.
    static func live(in shop: TestShop) throws -> Tokens {
        let registered = shop.send(
            request(
                .post, "/customers",
                #"""
                {"username":"carla","password":"correct horse",\#
                "full_name":"Carla Quillfeather",\#
                "address":"1 Zebrafinch Lane\nq@example.org","age":33,"gender":"female",\#
                "marital_status":"widowed"}
                """#,
                fields: .key("carla registers")))
        #expect(registered.status.code == 201, "\(registered.text)")
        let credentials = #"{"username":"carla","password":"correct horse"}"#
        let session = try Tokens(shop.send(request(.post, "/customers/login", credentials)))
        _ = try Tokens(shop.send(request(.post, "/customers/login", credentials)))
        for step in carlasSteps { try step.succeeds(in: shop) }
        let failed = try shop.login("carla", "wrong horse")
        #expect(failed.status.code == 401)
        return session
    }

    @Test func leavesNothingPersonalInAnyTable() throws {
        let shop = try TestShop()
        let session = try Self.live(in: shop)
        let before = try shop.contents()
        // Otherwise the search below would find nothing in any case.
        for trace in Self.traces { #expect("\(before)".contains(trace), "\(trace)") }
        let erased = try shop.send(.delete, "/customers/carla", with: session)
        #expect(erased.status.code == 204, "\(erased.text)")
        for (table, rows) in try shop.contents() {
            for trace in Self.traces {
                let found = rows.filter { $0.lowercased().contains(trace.lowercased()) }
                #expect(found == [], "\(table)")
            }
        }
        let row = try shop.contents()["customers"]?.last
        #expect(row?.contains("erased~6") == true)
        let held: Int64 = try shop.value(
            """
            SELECT COUNT(*) AS value FROM customers WHERE id = 6 AND age IS NULL AND gender IS NULL
                AND marital_status IS NULL AND address IS NULL AND password_hash = ''
            """)
        #expect(held == 1)
    }

    @Test func keepsOrdersAndLedgers() throws {
        let shop = try TestShop()
        let session = try Self.live(in: shop)
        let before = try shop.contents()
        let rating = try shop.send(.get, "/inventory/1").json["rating"]
        _ = try shop.send(.delete, "/customers/carla", with: session)
        let after = try shop.contents()
        for table in [
            "orders", "order_lines", "products", "stock_movements", "sales_by_day",
            "review_histogram",
        ] {
            #expect(after[table] == before[table], "\(table)")
        }
        for table in [
            "wallet_entries", "reviews", "customers", "order_events", "review_votes",
            "review_flags",
        ] {
            #expect(after[table]?.count == before[table]?.count, "\(table)")
        }
        // The audit has its earlier rows and at most one more: her own deletion is not audited.
        #expect(after["audit_entries"] == before["audit_entries"])
        #expect(try shop.send(.get, "/inventory/1").json["rating"] == rating)
        let sale = try shop.send(.get, "/sales/1", as: "sami")
        #expect(try sale.json["username"] == "erased~6")
        #expect(try sale.json["total"] == 500)
        let amounts: [Int64] = try shop.store.read { tx in
            try tx.all(
                "SELECT amount FROM wallet_entries WHERE customer_id = 6 ORDER BY id"
            ) { try $0["amount"] }
        }
        #expect(amounts == [5000, -500, 250, -4750])
        #expect(try shop.breaches() == [])
    }

    @Test func endsEverySessionAndFreesTheName() throws {
        let shop = try TestShop()
        let beside = try TestShop(beside: shop)
        let session = try Self.live(in: shop)
        _ = try shop.send(.delete, "/customers/carla", with: session)
        #expect(try beside.send(.get, "/customers/carla", with: session).code == "session_ended")
        #expect(try shop.refresh(session.refresh).code == "session_ended")
        #expect(try shop.login("carla").code == "invalid_credentials")
        #expect(try shop.send(.get, "/customers/carla", as: "adil").status.code == 404)
        let again = try shop.register("carla", password: "another horse", fullName: "Another")
        #expect(again.status.code == 201)
        #expect(try again.json["id"] == 7)
        #expect(try shop.status(of: session, "carla") == 401)
        let new = try shop.signIn("carla", password: "another horse")
        #expect(try shop.send(.get, "/sales", with: new).json["data"] == .array([]))
        #expect(try shop.send(.get, "/wishlist", with: new).json["data"] == .array([]))
        let entries = try shop.send(.get, "/customers/carla/wallet/entries", with: new)
        #expect(try entries.json["data"] == .array([]))
        #expect(try shop.status(of: session, "carla") == 401)
    }

    @Test func opensNoSessionAfterAConcurrentErasure() throws {
        let shop = try TestShop()
        let answer = try shop.loginDuring {
            try $0.run(
                """
                UPDATE customers SET username = 'erased~1', password_hash = '', status = 'erased'
                WHERE username = 'ada'
                """)
        }
        #expect(try answer.code == "invalid_credentials", "\(answer.text)")
        let sessions: Int64 = try shop.value("SELECT COUNT(*) AS value FROM sessions")
        #expect(sessions == 0)
    }
}
