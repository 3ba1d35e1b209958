import Customers
import HTTP
import HTTPTypes
import Storage
import TestShop
import Testing
import Values

@Suite struct AuditTests {
    /// An action on ada, its actor, and the audit row that it writes.
    struct Deed: Sendable, CustomTestStringConvertible {
        let actor: String
        let method: HTTPRequest.Method
        let target: String
        var body: String?
        let action: String
        var subject: String?
        var before: String?
        var after: String?

        var testDescription: String { "\(actor) \(method) \(target)" }
    }

    static let deeds = [
        Deed(
            actor: "sami", method: .patch, target: "/customers/ada",
            body: #"{"full_name":"Ada L.","address":null}"#, action: "changed_profile",
            after: "full_name, address"),
        Deed(
            actor: "adil", method: .put, target: "/customers/ada/role", body: #"{"role":"staff"}"#,
            action: "changed_role", before: "customer", after: "staff"),
        Deed(
            actor: "adil", method: .put, target: "/customers/ada/status",
            body: #"{"status":"suspended"}"#, action: "changed_status", before: "active",
            after: "suspended"),
        Deed(
            actor: "adil", method: .delete, target: "/customers/ada/sessions/1",
            action: "ended_session", before: "1"),
        Deed(
            actor: "adil", method: .delete, target: "/customers/ada/sessions",
            action: "ended_session", before: "all"),
        Deed(actor: "adil", method: .get, target: "/customers/ada/export", action: "exported"),
        Deed(
            actor: "sami", method: .post, target: "/customers/ada/wallet/credit",
            body: #"{"amount":7,"note":"a gift to ada"}"#, action: "credited_wallet", after: "7"),
        Deed(
            actor: "sami", method: .post, target: "/customers/ada/wallet/debit",
            body: #"{"amount":9}"#, action: "debited_wallet", after: "9"),
        Deed(
            actor: "mona", method: .post, target: "/reviews/1/approve", action: "approved_review",
            subject: "/reviews/1", before: "pending", after: "approved"),
        Deed(
            actor: "mona", method: .post, target: "/reviews/1/reject",
            body: #"{"reason":"rude to ada"}"#, action: "rejected_review", subject: "/reviews/1",
            before: "pending", after: "rejected"),
        Deed(
            actor: "sami", method: .put, target: "/reviews/1/reply", body: #"{"text":"Dear ada"}"#,
            action: "replied_to_review", subject: "/reviews/1"),
    ]

    static func shopWithAda() throws -> TestShop {
        let shop = try TestShop()
        _ = try shop.signIn("ada")
        try Scenario.Step(
            .post, "/reviews", as: "ada", #"{"product_id":1,"rating":5,"comment":"by ada"}"#
        ).succeeds(in: shop)
        return shop
    }

    func entries(_ shop: TestShop, _ query: String = "") throws -> [JSON] {
        try shop.walk("/customers/audit\(query)", as: "adil", limit: 100)
    }

    @Test(arguments: deeds) func leavesARow(deed: Deed) throws {
        let shop = try Self.shopWithAda()
        let separator = deed.target.contains("?") ? "&" : "?"
        if deed.method != .get {
            try Scenario.Step(
                deed.method, "\(deed.target)\(separator)dry_run=true", as: deed.actor, deed.body
            ).succeeds(in: shop)
        }
        #expect(try entries(shop) == [])
        var request = Request(
            method: deed.method, path: deed.target,
            fields: [
                .authorization: "Bearer \(try shop.token(of: deed.actor))",
                .contentType: "application/json",
            ], id: "5f0c0000000000000000000000000abc", address: "192.0.2.1")
        request.body = Array((deed.body ?? "").utf8)
        let answer = shop.send(request)
        #expect(answer.status.kind == .successful, "\(answer.text)")
        let found = try entries(shop)
        #expect(found.count == 1)
        let row = try #require(found.first)
        #expect(
            row.members == [
                "id", "actor", "action", "username", "subject", "before", "after", "request_id",
                "created_at",
            ])
        #expect(row["actor"] == .string(deed.actor))
        #expect(row["action"] == .string(deed.action))
        #expect(row["username"] == "ada")
        #expect(row["subject"] == (deed.subject.map(JSON.string) ?? .null))
        #expect(row["before"] == (deed.before.map(JSON.string) ?? .null))
        #expect(row["after"] == (deed.after.map(JSON.string) ?? .null))
        #expect(row["request_id"] == "5f0c0000000000000000000000000abc")
        #expect(row["created_at"] == "2026-11-18T11:06:40.000Z")
    }

    /// The operator has no account and sends no request, so actor and request id are null.
    @Test func leavesARowForTheOperator() throws {
        let shop = try TestShop()
        let now = shop.clock.now
        try addAccount(
            "root", password: TestShop.password, fullName: "Root", role: .admin, at: now,
            on: shop.store)
        _ = try setRole(.staff, of: "ada", at: now, on: shop.store)
        _ = try setStatus(.suspended, of: "ada", at: now, on: shop.store)
        try Scenario.Step(.patch, "/customers/ada", as: "sami", #"{"age":40}"#).succeeds(in: shop)
        let found = try entries(shop)
        #expect(
            found.map { $0["action"] } == [
                "changed_profile", "changed_status", "changed_role", "opened_account",
            ])
        #expect(found.map { $0["username"] } == ["ada", "ada", "ada", "root"])
        #expect(found.map { $0["actor"] } == ["sami", .null, .null, .null])
        #expect(found.map { $0["request_id"] == .null } == [false, true, true, true])
        #expect(found.map { $0["before"] } == [.null, "active", "customer", .null])
        #expect(found.map { $0["after"] } == ["age", "suspended", "staff", "admin"])
        #expect(try shop.ids("/customers/audit?username=ada", as: "adil") == [4, 3, 2])
        #expect(try shop.ids("/customers/audit?actor=sami", as: "adil") == [4])
        // Audit rows must not prevent the erasure of a person.
        _ = try setRole(.customer, of: "ben", at: now, on: shop.store)
        try Scenario.Step(.delete, "/customers/ben", as: "adil").succeeds(in: shop)
        #expect(try shop.breaches() == [])
    }

    @Test func omitsTheNamesOfErasedCustomers() throws {
        let shop = try TestShop()
        try Scenario.Step(.patch, "/customers/ben", as: "sami", #"{"age":40}"#).succeeds(in: shop)
        try Scenario.Step(.delete, "/customers/ben", as: "adil").succeeds(in: shop)
        let found = try entries(shop)
        #expect(found.map { $0["action"] } == ["erased", "changed_profile"])
        #expect(found.map { $0["username"] } == ["erased~2", "erased~2"])
        #expect(try entries(shop, "?username=erased~2") == found)
        #expect(try entries(shop, "?username=ben") == [])
    }

    @Test func leavesARowForADeletedReply() throws {
        let shop = try Self.shopWithAda()
        for method in [HTTPRequest.Method.put, .delete] {
            try Scenario.Step(
                method, "/reviews/1/reply", as: "sami", method == .put ? #"{"text":"Hm"}"# : nil
            ).succeeds(in: shop)
        }
        let found = try entries(shop)
        #expect(found.map { $0["action"] } == ["removed_reply", "replied_to_review"])
        #expect(found.map { $0["subject"] } == ["/reviews/1", "/reviews/1"])
        // Rejected requests write no row.
        let again = try shop.send(.delete, "/reviews/1/reply", as: "sami")
        #expect(again.status == .notFound)
        #expect(try entries(shop).count == 2)
    }

    /// Customers may do this to their own data, so staff and admins use no privilege here.
    @Test func leavesNoneForACustomersRight() throws {
        let shop = try TestShop()
        let steps: [Scenario.Step] = [
            .init(.patch, "/customers/adil", as: "adil", #"{"age":40}"#),
            .init(
                .post, "/customers/adil/wallet/topups", as: "adil",
                #"{"amount":500,"return_url":"https://a.example"}"#),
            .init(.post, "/sales", as: "adil", #"{"items":[{"product_id":1,"quantity":1}]}"#),
            .init(.post, "/sales/1/cancel", as: "adil"),
            .init(.post, "/reviews", as: "adil", #"{"product_id":1,"rating":5}"#),
            .init(.delete, "/reviews/1", as: "adil"),
            .init(.get, "/customers/adil/export", as: "adil"),
            .init(.get, "/customers/ben/export", as: "ben"),
            .init(.delete, "/customers/mona/sessions", as: "mona"),
            .init(.delete, "/customers/sami", as: "sami"),
        ]
        let adil: Int64 = try shop.value(
            "SELECT id AS value FROM customers WHERE username = 'adil'")
        let gift = WalletCause(.credited, by: adil, at: shop.clock.now)
        try shop.store.write {
            try creditWallet(Money(minorUnits: 500), of: adil, for: gift, in: $0)
        }
        for step in steps { try step.succeeds(in: shop) }
        #expect(try entries(shop) == [])
    }

    @Test func leavesARowForAnAdminsRightOnOneself() throws {
        let shop = try TestShop()
        for (property, value) in [("role", "admin"), ("status", "active")] {
            try Scenario.Step(
                .put, "/customers/adil/\(property)", as: "adil", #"{"\#(property)":"\#(value)"}"#
            ).succeeds(in: shop)
        }
        let found = try entries(shop)
        #expect(found.map { $0["action"] } == ["changed_status", "changed_role"])
        #expect(found.map { $0["username"] } == ["adil", "adil"])
    }

    /// A member of staff sets a price to 0, buys, and sets it back: the audit log has every step.
    @Test func leavesRowsForTheCatalogue() throws {
        let shop = try TestShop()
        let steps: [Scenario.Step] = [
            .init(
                .post, "/inventory", as: "sami", #"{"name":"ink","category":"paper","price":90}"#),
            .init(.patch, "/inventory/1", as: "sami", #"{"price":0}"#),
            .init(.post, "/sales", as: "sami", #"{"items":[{"product_id":1,"quantity":1}]}"#),
            .init(.patch, "/inventory/1", as: "sami", #"{"price":250,"description":"fine"}"#),
            .init(.post, "/inventory/1/stock", as: "sami", #"{"delta":-2,"reason":"broken"}"#),
            .init(.delete, "/inventory/2", as: "sami"),
        ]
        for step in steps { try step.succeeds(in: shop) }
        let found = try entries(shop).reversed().map { row in
            ["action", "subject", "before", "after"].map { row[$0]?.text ?? "-" }
        }
        #expect(
            found == [
                [
                    "created_product", "/inventory/3", "-",
                    #"""
                    {"sku":null,"name":"ink","category":"paper","price":90,"low_stock":null,\#
                    "weight_g":0,"requires_shipping":true,"tax_class":"standard","description":null}
                    """#,
                ],
                ["changed_product", "/inventory/1", #"{"price":250}"#, #"{"price":0}"#],
                [
                    "changed_product", "/inventory/1", #"{"price":0,"description":null}"#,
                    #"{"price":250,"description":"fine"}"#,
                ],
                ["adjusted_stock", "/inventory/1", "-", "-2"],
                ["archived_product", "/inventory/2", "-", "-"],
            ])
        #expect(try shop.ids("/customers/audit?subject=/inventory/1", as: "adil") == [4, 3, 2])
        #expect(try entries(shop).allSatisfy { $0["username"] == .null && $0["actor"] == "sami" })
        // The export of a person's own data omits their actions as staff.
        let export = try shop.send(.get, "/customers/sami/export", as: "sami").json
        #expect(export["audit_entries"] == .array([]))
    }

    @Test func leavesNoneForRejectedOrReplayedRequests() throws {
        let shop = try TestShop()
        for body in [#"{"amount":8}"#, #"{"amount":0}"#] {
            let answer = try shop.send(.post, "/customers/ben/wallet/debit", as: "sami", body)
            #expect(answer.status.kind == .clientError)
        }
        #expect(try entries(shop) == [])
        for _ in 0..<3 {
            let answer = try shop.send(
                .post, "/customers/ben/wallet/credit", as: "sami", #"{"amount":8}"#,
                fields: .key("once"))
            #expect(answer.status.code == 201)
        }
        #expect(try entries(shop).count == 1)
    }

    @Test func isFilteredAndReadByPage() throws {
        let shop = try TestShop()
        for number in 0..<9 {
            let (actor, customer) = (
                ["sami", "adil"][number % 2], ["ada", "ben", "mona"][number % 3]
            )
            try Scenario.Step(
                .patch, "/customers/\(customer)", as: actor, #"{"age":\#(number + 20)}"#
            ).succeeds(in: shop)
        }
        #expect(try shop.ids("/customers/audit", as: "adil") == (1...9).reversed())
        #expect(try shop.ids("/customers/audit?actor=sami", as: "adil") == [9, 7, 5, 3, 1])
        #expect(try shop.ids("/customers/audit?username=ben", as: "adil") == [8, 5, 2])
        #expect(
            try shop.ids("/customers/audit?username=ben&actor=adil", as: "adil") == [8, 2])
        #expect(try shop.ids("/customers/audit?username=nobody", as: "adil") == [])
    }

    static let rows =
        [Scenario].closed(to: "ada", "mona", "sami", by: .get, "/customers/audit") + [
            Scenario(
                "rejects an unknown filter",
                .init(.get, "/customers/audit?action=erased&limit=101", as: "adil"), gives: 422,
                code: "invalid_request",
                shows: #"{"errors":[{"field":"limit"},{"field":"action"}]}"#)
        ]
        + ([.post, .put, .patch, .delete] as [HTTPRequest.Method]).map { method in
            Scenario(
                "does not support \(method)", .init(method, "/customers/audit", as: "adil", "{}"),
                gives: 405, code: "method_not_allowed", fields: ["Allow": "GET, HEAD"])
        }
        + ([.put, .patch, .delete] as [HTTPRequest.Method]).map { method in
            Scenario(
                "does not support \(method) for a row",
                after: [.init(.patch, "/customers/ben", as: "sami", #"{"age":40}"#)],
                .init(method, "/customers/audit/1", as: "adil", "{}"), gives: 404, code: "not_found"
            )
        }

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }
}
