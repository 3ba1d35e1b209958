import HTTP
import HTTPTypes
import Launch
import TestShop
import Testing

@testable import Service

/// What callers may do with an API key, for each route: what the account may do, within the scopes.
@Suite struct ApiKeyAccessTests {
    /// Routes for which no key is ever good.
    static let closed: Set<String> = [
        "POST /customers/logout", "POST /customers/:username/password",
        "POST /customers/:username/email-verification",
        "GET /customers/:username/sessions", "DELETE /customers/:username/sessions",
        "DELETE /customers/:username/sessions/:id", "PUT /customers/:username/role",
        "POST /customers/:username/totp", "POST /customers/:username/totp/confirm",
        "DELETE /customers/:username/totp", "GET /customers/:username/api-keys",
        "POST /customers/:username/api-keys",
        "DELETE /customers/:username/api-keys/:id", "GET /customers/:username/export",
    ]

    /// Routes that do not read the header.
    static let tokenless: Set<String> = [
        "POST /customers", "POST /customers/login", "POST /customers/refresh",
        "POST /sales/payments/stripe",
    ]

    static let resources = [
        "customers": "customers", "wishlist": "customers", "inventory": "inventory",
        "sales": "sales", "reviews": "reviews", "events": "events",
        "webhooks": "webhooks",
    ]

    private static let shop = Result { try TestShop.furnished() }

    /// Sends the request of a row with a key.
    private func send(_ row: RouteCase, _ shop: TestShop, _ key: String) throws -> Response {
        try row.send(
            row.content(in: shop), in: shop, as: nil, query: row.isSafe ? "" : "dry_run=true",
            fields: [.authorization: "Bearer \(key)"])
    }

    /// The scope that a row needs, derived here from its path alone.
    private func scope(of row: RouteCase) throws -> Scope {
        let segment = row.path.split(separator: "/").first.map(String.init) ?? ""
        let resource = try #require(Self.resources[segment])
        return try #require(Scope(rawValue: "\(row.isSafe ? "read" : "write"):\(resource)"))
    }

    @Test(arguments: RouteCase.all) func admitsWithinTheScopes(row: RouteCase) throws {
        let shop = try Self.shop.get()
        let scope = try scope(of: row)
        for (account, expected) in zip(RouteCase.callers, row.expected) {
            guard let account else { continue }
            let whole = try send(row, shop, shop.key(of: account))
            let fitting = try send(row, shop, shop.key(of: account, [scope]))
            let others = try send(
                row, shop, shop.key(of: account, Scope.allCases.filter { !$0.includes(scope) }))
            if Self.tokenless.contains(row.testDescription) {
                #expect([whole, fitting, others].allSatisfy { $0.status.code == expected })
            } else if account == "suse" {
                for answer in [whole, fitting, others] {
                    #expect(answer.status.code == 401, "\(answer.text)")
                    #expect(try answer.json["code"] == "token_invalid")
                }
            } else if Self.closed.contains(row.testDescription) {
                for answer in [whole, fitting, others] {
                    #expect(answer.status.code == 403, "\(account): \(answer.text)")
                    #expect(try answer.json["code"] == "forbidden")
                }
            } else {
                #expect(whole.status.code == expected, "\(account): \(whole.text)")
                #expect(fitting.status.code == expected, "\(account): \(fitting.text)")
                #expect(others.status.code == 403, "\(account): \(others.text)")
                try expectRefusal(others, of: scope, isAllowed: expected != 403)
            }
        }
    }

    private func expectRefusal(_ answer: Response, of scope: Scope, isAllowed: Bool) throws {
        // The role is checked first, because another scope would not help.
        guard try isAllowed || answer.json["code"] == "insufficient_scope" else { return }
        #expect(try answer.json["code"] == "insufficient_scope")
        #expect(try answer.json["required_scope"] == .string(scope.rawValue))
        let challenge = try #require(answer.fields[.wwwAuthenticate])
        #expect(challenge.contains(#"error="insufficient_scope", scope="\#(scope.rawValue)""#))
    }

    /// A key gives no more rights on the owner's own data than an access token.
    @Test(arguments: RouteCase.selves) func admitsOnOneself(owner: String) throws {
        let shop = try TestShop.furnished(owner: owner)
        let column = try #require(RouteCase.selves.firstIndex(of: owner))
        let key = try shop.key(of: owner)
        for row in RouteCase.all
        where !row.onOneself.isEmpty && !Self.closed.contains(row.testDescription) {
            let target = row.target.replacing("/customers/ada", with: "/customers/\(owner)")
            let query = row.isSafe ? "" : "?dry_run=true"
            let response = try shop.send(row.method, target + query, key: key, row.body)
            #expect(response.status.code == row.onOneself[column], "\(row): \(response.text)")
        }
    }

    /// Every route says whether it accepts keys, and has a scope if it does.
    @Test func everyRouteChooses() {
        for route in ResponderProgram.all.flatMap(\.routes) {
            let isClosed = Self.closed.contains(route.description)
            #expect(route.access.acceptsKeys != isClosed, "\(route.description)")
            #expect(route.scope != nil, "\(route.description)")
        }
    }

    /// A path without scopes accepts no key.
    @Test func anUnknownSegmentAcceptsNoKey() {
        #expect(Scope(segment: "healthz", isSafe: true) == nil)
        #expect(Scope(segment: "", isSafe: false) == nil)
        #expect(Scope(segment: "events", isSafe: true) == .readEvents)
        #expect(Scope(segment: "webhooks", isSafe: false) == .writeWebhooks)
    }
}

extension Scope {
    fileprivate func includes(_ other: Scope) -> Bool { Scopes([self]).include(other) }
}
