import HTTP
import HTTPTypes
import Outbox
import Storage
import TestShop
import Testing

@Suite struct ExportCustomerTests {
    static let rows = [
        Scenario(
            "shows customers their own data", .init(.get, "/customers/ben/export", as: "ben"),
            gives: 200,
            shows:
                #"""
                {"profile":{"username":"ben","full_name":"Customer ben"},\#
                "wallet_entries":[],"orders":[],"wishlist":[],"reviews":[]}
                """#
        ),
        Scenario(
            "shows an admin any customer", .init(.get, "/customers/ben/export", as: "adil"),
            gives: 200, shows: #"{"profile":{"username":"ben"},"sessions":[]}"#),
        Scenario(
            "rejects an anonymous caller", .init(.get, "/customers/ada/export"), gives: 401,
            code: "token_missing"),
        Scenario(
            "hides the account from another customer",
            .init(.get, "/customers/ada/export", as: "ben"), gives: 404, code: "customer_not_found"),
        Scenario(
            "hides the account from a moderator", .init(.get, "/customers/ada/export", as: "mona"),
            gives: 404, code: "customer_not_found"),
        Scenario(
            "rejects staff", .init(.get, "/customers/ada/export", as: "sami"), gives: 403,
            code: "forbidden"),
        Scenario(
            "reports an unknown customer", .init(.get, "/customers/nobody/export", as: "adil"),
            gives: 404, code: "customer_not_found"),
        Scenario(
            "does not support POST", .init(.post, "/customers/ada/export", as: "ada", "{}"),
            gives: 405, code: "method_not_allowed", fields: ["Allow": "GET, HEAD"]),
        Scenario(
            "rejects a parameter", .init(.get, "/customers/ada/export?limit=1", as: "ada"),
            gives: 422, code: "invalid_request"),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    /// A shop in which ada has done everything that a customer can do.
    static func busyShop() throws -> TestShop {
        let shop = try TestShop()
        for number in 0..<3 {
            _ = try shop.signIn("ada", agent: "device \(number)")
            shop.clock.pass(seconds: 60)
        }
        let steps: [Scenario.Step] = [
            .init(
                .patch, "/customers/ada", as: "ada",
                #"{"full_name":"Ada \"Zoë\" </script> 李","address":"1 St\nLondon"}"#),
            .init(
                .post, "/sales", as: "ada",
                #"{"items":[{"product_id":1,"quantity":2},{"product_id":2,"quantity":1}]}"#),
            .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":1}]}"#),
            .init(
                .post, "/customers/ada/wallet/credit", as: "sami", #"{"amount":5,"note":"a gift"}"#),
            .init(.put, "/wishlist/1", as: "ada"), .init(.put, "/wishlist/2", as: "ada"),
            .init(
                .post, "/reviews", as: "ada",
                #"{"product_id":1,"rating":4,"title":"Good","comment":"Writes."}"#),
            .init(.post, "/reviews", as: "ada", #"{"product_id":2,"rating":1,"comment":"Dark."}"#),
            .init(.post, "/reviews/2/reject", as: "mona", #"{"reason":"rude"}"#),
            .init(.post, "/reviews", as: "ben", #"{"product_id":1,"rating":1}"#),
            .init(.post, "/reviews/3/approve", as: "mona"),
            .init(.put, "/reviews/3/vote", as: "ada"),
            .init(.post, "/reviews/3/flag", as: "ada", #"{"reason":"spam"}"#),
            .init(.put, "/reviews/1/reply", as: "sami", #"{"text":"Thank you."}"#),
            .init(
                .post, "/sales/1/refund", as: "sami",
                #"{"items":[{"product_id":1,"quantity":1}],"restock":false,"reason":"broken"}"#),
            .init(.delete, "/customers/ada/sessions/2", as: "ada"),
        ]
        for step in steps { try step.succeeds(in: shop) }
        return shop
    }

    private static let members = [
        "profile", "addresses", "sessions", "api_keys", "second_factor", "login_failures",
        "login_networks", "one_time_tokens", "jobs", "wallet_entries", "audit_entries", "orders",
        "wishlist", "reviews",
        "review_votes", "review_flags", "events", "coupon_uses", "gift_cards", "payments",
        "invoices", "carts",
    ]

    @Test func holdsEverythingInOneDocument() throws {
        let shop = try Self.busyShop()
        let answer = try shop.send(.get, "/customers/ada/export", as: "ada")
        #expect(answer.fields[.contentType] == "application/json")
        #expect(answer.fields[.eTag] != nil)
        let export = try JSON(parsing: answer.body)
        #expect(export.members == Self.members)
        #expect(export["profile"]?["full_name"] == #"Ada "Zoë" </script> 李"#)
        #expect(export["profile"]?["address"] == "1 St\nLondon")
        let profile = try shop.send(.get, "/customers/ada", as: "ada")
        #expect(try export["profile"] == profile.json)
        // Ended sessions are included, with the address and the client that opened them.
        let sessions = export["sessions"]?.elements ?? []
        #expect(
            Set(sessions.compactMap { $0["user_agent"]?.text }) == [
                "device 0", "device 1", "device 2", "test",
            ])
        let ended = sessions.filter { $0["ended_at"]?.text != nil }
        #expect(ended.map { $0["user_agent"] } == ["device 1"])
        #expect(
            export["wallet_entries"]?.elements.map { $0["amount"] } == [
                100_000, -4500, -250, 5, 250,
            ])
        #expect(export["wallet_entries"]?[3]?["note"] == "a gift")
        let audit = export["audit_entries"]?.elements ?? []
        #expect(
            audit.map { $0["action"] } == [
                "credited_wallet", "rejected_review", "replied_to_review", "refunded_order",
            ])
        #expect(audit.map { $0["actor"] } == ["sami", "mona", "sami", "sami"])
        let shown = try shop.walk("/customers/audit?username=ada", as: "adil", limit: 100)
        #expect(audit == shown.reversed())
        for id: Int64 in [1, 2] {
            let order = try shop.send(.get, "/sales/\(id)", as: "ada").json
            #expect(export["orders"]?[Int(id) - 1] == order)
        }
        #expect(export["wishlist"]?.elements.map { $0["product_id"] } == [1, 2])
        #expect(
            export["reviews"]?.elements.map { $0["comment"] } == ["Writes.", "Dark."])
        #expect(export["reviews"]?[1]?["rejection"] == "rude")
        #expect(export["reviews"]?[0]?["reply"] == "Thank you.")
        #expect(export["review_votes"]?.elements.map { $0["review_id"] } == [3])
        #expect(export["review_flags"]?.elements.map { $0["reason"] } == ["spam"])
        #expect(!answer.text.contains("argon2id"))
    }

    /// An export of another customer writes an audit row, which that customer finds in their own
    /// export.
    ///
    /// The reader's document does not change.
    ///
    /// The export omits a person's actions as staff, because they concern other customers.
    @Test func includesActionsOnTheCustomerButNotTheirActionsAsStaff() throws {
        let shop = try TestShop()
        try Scenario.Step(.patch, "/customers/ben", as: "sami", #"{"age":40}"#).succeeds(in: shop)
        func actions(_ username: String, as reader: String) throws -> [JSON?] {
            let export = try shop.send(.get, "/customers/\(username)/export", as: reader).json
            return try #require(export["audit_entries"]).elements.map { $0["action"] }
        }
        #expect(try actions("ben", as: "ben") == ["changed_profile"])
        #expect(try actions("ben", as: "adil") == ["changed_profile"])
        #expect(try actions("ben", as: "adil") == ["changed_profile"])
        #expect(try actions("ben", as: "ben") == ["changed_profile", "exported", "exported"])
        #expect(try actions("sami", as: "sami") == [])
    }

    @Test func holdsTokensAndMessagesWithoutTheirSecrets() throws {
        let shop = try TestShop()
        let address = Scenario.Step(
            .patch, "/customers/ada", as: "ada", #"{"email":"ada@example.com"}"#)
        try address.succeeds(in: shop)
        let answer = try shop.send(.get, "/customers/ada/export", as: "ada")
        let tokens = try answer.json["one_time_tokens"]?.elements ?? []
        #expect(tokens.count == 1)
        #expect(
            try tokens.first?.includes(
                JSON(
                    parsing: Array(
                        #"""
                        {"purpose":"email_verification","email":"ada@example.com",\#
                        "created_at":"2026-11-18T11:06:40.000Z",\#
                        "expires_at":"2026-11-19T11:06:40.000Z","used_at":null}
                        """#.utf8))) == true, "\(answer.text)")
        let jobs = try answer.json["jobs"]?.elements ?? []
        #expect(jobs.map { $0["kind"] } == ["mail"])
        #expect(jobs.first?["state"] == "pending")
        #expect(jobs.first?["message"]?["template"] == "email-verification")
        #expect(jobs.first?["message"]?["to"] == "ada@example.com")
        #expect(jobs.first?["message"]?["values"]?[0]?["value"] == "ada")
        let token = try shop.mailedToken(.emailVerification)
        let sealed: String = try shop.value("SELECT payload AS value FROM jobs")
        let box = try #require(sealed.firstMatch(of: #/"sealed_token":"([^"]+)"/#)?.output.1)
        let hash: String = try shop.value("SELECT hash AS value FROM one_time_tokens")
        for secret in [token, String(box), hash] { #expect(!answer.text.contains(secret)) }
        #expect(try shop.send(.get, "/customers/ben/export", as: "ben").json["jobs"] == .array([]))
    }

    /// The newest 1,000 jobs: a mail server that is down for long does not make an export endless.
    @Test func holdsABoundedNumberOfJobs() throws {
        let shop = try TestShop()
        let customer: Int64 = try shop.value(
            "SELECT id AS value FROM customers WHERE username = 'ada'")
        try shop.store.write { tx in
            for number in 1...1001 {
                try tx.run(
                    """
                    INSERT INTO jobs (queue, kind, payload, customer_id, state, attempts, run_at,
                        created_at)
                    VALUES ('x:1', \("kind \(number)"), '{}', \(customer), 'failed', 1, 1, 1)
                    """)
            }
        }
        let export = try shop.send(.get, "/customers/ada/export", as: "ada").json
        #expect(export["jobs"]?.elements.count == 1000)
        #expect(export["jobs"]?[0]?["kind"] == "kind 2")
        #expect(export["jobs"]?[0]?["message"] == .null)
    }

    @Test func holdsEndedSessionsToo() throws {
        let shop = try TestShop()
        let now = shop.clock.now
        try shop.store.write { tx in
            for number in 0..<150 {
                try tx.run(
                    """
                    INSERT INTO sessions (customer_id, ip_address, user_agent, created_at, last_seen_at,
                        expires_at, ended_at)
                    VALUES (1, '192.0.2.1', \("device \(number)"), \(now), \(now), \(now.adding(seconds: 60)),
                        \((number < 90 ? now : nil).stored))
                    """)
            }
        }
        let export = try shop.send(.get, "/customers/ada/export", as: "adil").json
        #expect(export["sessions"]?.elements.count == 150)
        let list = try shop.send(.get, "/customers/ada/sessions", as: "adil").json
        #expect(list["data"]?.elements.count == 60)
    }
}
