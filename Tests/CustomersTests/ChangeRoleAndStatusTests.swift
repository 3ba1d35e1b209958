import HTTP
import HTTPTypes
import Storage
import TestShop
import Testing
import Values

@Suite struct ChangeRoleAndStatusTests {
    static let staff = #"{"role":"staff"}"#
    static let suspended = #"{"status":"suspended"}"#

    static let rows =
        [Scenario].closed(to: "ada", "mona", "sami", by: .put, "/customers/ada/role", staff)
        + [Scenario].closed(to: "ada", "mona", "sami", by: .put, "/customers/ada/status", suspended)
        + ["customer", "moderator", "staff", "admin"].map { role in
            Scenario(
                "makes a \(role)",
                .init(.put, "/customers/ben/role", as: "adil", #"{"role":"\#(role)"}"#), gives: 200,
                shows: #"{"username":"ben","role":"\#(role)","status":"active"}"#)
        } + [
            Scenario(
                "suspends", .init(.put, "/customers/ben/status", as: "adil", suspended), gives: 200,
                shows: #"{"username":"ben","role":"customer","status":"suspended"}"#),
            Scenario(
                "reactivates", after: [.init(.put, "/customers/ben/status", as: "adil", suspended)],
                .init(.put, "/customers/ben/status", as: "adil", #"{"status":"active"}"#),
                gives: 200, shows: #"{"status":"active"}"#),
            Scenario(
                "reports an unknown customer for a role",
                .init(.put, "/customers/nobody/role", as: "adil", staff), gives: 404,
                code: "customer_not_found"),
            Scenario(
                "reports an unknown customer for a status",
                .init(.put, "/customers/nobody/status", as: "adil", suspended), gives: 404,
                code: "customer_not_found"),
            Scenario(
                "rejects an unknown role",
                .init(.put, "/customers/ben/role", as: "adil", #"{"role":"boss","x":1}"#),
                gives: 422, code: "invalid_request",
                shows: #"{"errors":[{"field":"role"},{"field":"x"}]}"#),
            Scenario(
                "requires a role", .init(.put, "/customers/ben/role", as: "adil", "{}"), gives: 422,
                code: "invalid_request",
                shows: #"{"errors":[{"field":"role","message":"is missing"}]}"#),
            Scenario(
                "rejects null as a role",
                .init(.put, "/customers/ben/role", as: "adil", #"{"role":null}"#), gives: 422,
                code: "invalid_request"),
            Scenario(
                "rejects the status erased",
                .init(.put, "/customers/ben/status", as: "adil", #"{"status":"erased"}"#),
                gives: 422, code: "invalid_request",
                shows:
                    #"{"errors":[{"field":"status","message":"must be one of: active, suspended"}]}"#
            ),
            Scenario(
                "rejects an unknown status",
                .init(.put, "/customers/ben/status", as: "adil", #"{"status":"gone"}"#), gives: 422,
                code: "invalid_request",
                shows:
                    #"{"errors":[{"field":"status","message":"must be one of: active, suspended"}]}"#
            ),
            Scenario(
                "rejects other methods for a role", .init(.get, "/customers/ben/role", as: "adil"),
                gives: 405, code: "method_not_allowed", fields: ["Allow": "PUT"]),
            Scenario(
                "rejects other methods for a status",
                .init(.delete, "/customers/ben/status", as: "adil"), gives: 405,
                code: "method_not_allowed", fields: ["Allow": "PUT"]),
            Scenario(
                "lets another admin step down",
                after: [.init(.put, "/customers/ben/role", as: "adil", #"{"role":"admin"}"#)],
                .init(.put, "/customers/adil/role", as: "adil", staff), gives: 200,
                shows: #"{"role":"staff"}"#),
            Scenario(
                "keeps the last admin from stepping down",
                .init(.put, "/customers/adil/role", as: "adil", staff), gives: 409,
                code: "last_admin"),
            Scenario(
                "keeps the last admin from suspending themselves",
                .init(.put, "/customers/adil/status", as: "adil", suspended), gives: 409,
                code: "last_admin"),
            Scenario(
                "keeps the last admin from erasing themselves",
                .init(.delete, "/customers/adil", as: "adil"), gives: 409, code: "last_admin"),
            Scenario(
                "keeps the last admin in a dry run",
                .init(.put, "/customers/adil/role?dry_run=true", as: "adil", staff), gives: 409,
                code: "last_admin"),
            Scenario(
                "does not count a suspended admin",
                after: [
                    .init(.put, "/customers/ben/role", as: "adil", #"{"role":"admin"}"#),
                    .init(.put, "/customers/ben/status", as: "adil", suspended),
                ],
                .init(.put, "/customers/adil/role", as: "adil", staff), gives: 409,
                code: "last_admin"),
            Scenario(
                "accepts the present role of the last admin",
                .init(.put, "/customers/adil/role", as: "adil", #"{"role":"admin"}"#), gives: 200,
                shows: #"{"role":"admin"}"#),
            Scenario(
                "returns the result of a dry run",
                .init(.put, "/customers/ben/role?dry_run=true", as: "adil", staff), gives: 200,
                shows: #"{"role":"staff"}"#, fields: ["Dry-Run": "true"]),
        ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func takesEffectImmediatelyOnIssuedTokens() throws {
        let shop = try TestShop()
        let beside = try TestShop(beside: shop)
        let session = try shop.signIn("ben")
        func list() throws -> Int { try beside.send(.get, "/customers", with: session).status.code }
        #expect(try list() == 403)
        try Scenario.Step(.put, "/customers/ben/role", as: "adil", Self.staff).succeeds(in: shop)
        #expect(try list() == 200)
        try Scenario.Step(
            .put, "/customers/ben/role?dry_run=true", as: "adil", #"{"role":"customer"}"#
        ).succeeds(in: shop)
        #expect(try list() == 200)
        try Scenario.Step(
            .put, "/customers/ben/role", as: "adil", #"{"role":"customer"}"#
        ).succeeds(in: shop)
        #expect(try list() == 403)
        try Scenario.Step(.put, "/customers/ben/status", as: "adil", Self.suspended).succeeds(
            in: shop)
        let answer = try beside.send(.get, "/customers/ben", with: session)
        #expect(answer.status.code == 401)
        #expect(try answer.code == "session_ended")
        #expect(try beside.refresh(session.refresh).code == "session_ended")
        let login = try beside.login("ben")
        #expect(login.status.code == 403)
        #expect(try login.code == "account_suspended")
        #expect(try beside.login("ben", "wrong horse").code == "invalid_credentials")
        try Scenario.Step(
            .put, "/customers/ben/status", as: "adil", #"{"status":"active"}"#
        ).succeeds(in: shop)
        // A suspended customer must log in again after reactivation.
        #expect(try beside.status(of: session, "ben") == 401)
        #expect(try beside.login("ben").status.code == 200)
        #expect(try shop.breaches() == [])
    }

    @Test func honoursIfMatch() throws {
        let shop = try TestShop()
        func tag() throws -> String {
            try shop.send(.get, "/customers/ben", as: "adil").fields[.eTag] ?? ""
        }
        let steps: [(HTTPRequest.Method, String, String?, Int)] = [
            (.put, "/customers/ben/role", Self.staff, 200),
            (.put, "/customers/ben/status", Self.suspended, 200),
            (.delete, "/customers/ben", nil, 204),
        ]
        for (method, target, body, status) in steps {
            let seen = try tag()
            shop.clock.pass(seconds: 1)
            try Scenario.Step(
                .patch, "/customers/ben", as: "adil", #"{"age":\#(shop.clock.now.age)}"#
            ).succeeds(in: shop)
            let before = try shop.contents()
            for stale in [seen, "W/\(try tag())", "\"x\"", "x"] {
                let refused = try shop.send(
                    method, target, as: "adil", body, fields: [.ifMatch: stale])
                #expect(refused.status.code == 412, "\(method) \(target) \(stale)")
                #expect(try refused.code == "precondition_failed")
            }
            #expect(try shop.contents() == before)
            let done = try shop.send(
                method, target, as: "adil", body, fields: [.ifMatch: "\(seen), \(try tag())"])
            #expect(done.status.code == status, "\(method) \(target): \(done.text)")
        }
    }

    @Test func concurrentDemotionsKeepOneAdmin() throws {
        for round in 0..<20 {
            let shop = try TestShop()
            let beside = try TestShop(beside: shop)
            try Scenario.Step(
                .put, "/customers/ben/role", as: "adil", #"{"role":"admin"}"#
            ).succeeds(in: shop)
            let requests: [(String, String)] = [("adil", "ben"), ("ben", "adil")]
            let ways: [(HTTPRequest.Method, String, String?)] = [
                (.put, "/role", Self.staff), (.put, "/status", Self.suspended), (.delete, "", nil),
            ]
            _ = try shop.token(of: "ben")
            let tokens = try requests.map { try shop.token(of: $0.0) }
            let answers = Answers(count: 2)
            onThreads(2) { number in
                let (method, path, body) = ways[(round + number) % 3]
                answers.note(number) {
                    try (number == 0 ? shop : beside).send(
                        method, "/customers/\(requests[number].1)\(path)", body,
                        fields: [.authorization: "Bearer \(tokens[number])"])
                }
            }
            let codes = answers.all.compactMap { $0?.status.code }.sorted()
            // The second request finds the last admin, or a caller who is no longer an admin.
            #expect(codes.count == 2 && codes[0] / 100 == 2, "\(codes)")
            #expect([401, 403, 409].contains(codes.last ?? 0), "\(codes)")
            let admins: Int64 = try shop.value(
                "SELECT COUNT(*) AS value FROM customers WHERE role = 'admin' AND status = 'active'"
            )
            #expect(admins == 1)
        }
    }

    @Test func endsTheSessionOfAConcurrentLogin() throws {
        let shop = try TestShop()
        let suspended = try shop.loginDuring {
            try $0.run("UPDATE customers SET status = 'suspended' WHERE username = 'ada'")
        }
        #expect(try suspended.code == "account_suspended", "\(suspended.text)")
        let sessions: Int64 = try shop.value("SELECT COUNT(*) AS value FROM sessions")
        #expect(sessions == 0)
    }

    @Test func namesLikeAdminHaveNoPrivileges() throws {
        let shop = try TestShop()
        #expect(try shop.register("adminton").json["role"] == "customer")
        #expect(try shop.send(.get, "/customers", as: "adminton").status.code == 403)
    }
}

extension Instant {
    /// A number that changes every second and is a valid age.
    fileprivate var age: Int64 { milliseconds / 1000 % 150 + 1 }
}
