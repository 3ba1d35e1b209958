import HTTP
import HTTPTypes
import Launch
import TestShop
import Testing

@testable import Service

/// Which callers may use each route.
@Suite struct AccessTests {
    private static let shop = Result { try TestShop.furnished() }

    @Test func knowsEveryRoute() {
        let routes = ResponderProgram.all.flatMap(\.routes)
        #expect(Set(routes.map(\.description)) == Set(RouteCase.all.map(\.testDescription)))
    }

    @Test(arguments: RouteCase.all) func admits(row: RouteCase) throws {
        let shop = try AccessTests.shop.get()
        #expect(row.expected.count == RouteCase.callers.count)
        for (caller, expected) in zip(RouteCase.callers, row.expected) {
            let response = try row.send(
                in: shop, as: caller, query: row.isSafe ? "" : "dry_run=true")
            #expect(
                response.status.code == expected, "\(caller ?? "nobody"): \(response.text)")
            switch response.status {
            case .unauthorized:
                let code = caller == nil ? "token_missing" : "session_ended"
                #expect(try response.json["code"] == .string(code))
                #expect(response.fields[.wwwAuthenticate]?.hasPrefix("Bearer ") == true)
            case .forbidden: #expect(try response.json["code"] == .string("forbidden"))
            default: #expect(response.fields[.wwwAuthenticate] == nil)
            }
        }
    }

    /// A shop, and the token of a guest's order in it.
    private static let guest = Result {
        let shop = try TestShop.furnished()
        let sold = try shop.send(
            .post, "/sales",
            #"""
            {"items":[{"product_id":1,"quantity":1}],"email":"gail@example.com",\#
            "payment":{"method":"bank_transfer"}}
            """#)
        return (shop: shop, token: try #require(try sold.json["order_token"]?.text))
    }

    /// The token of a guest's order is a 404 on orders and payments of others, and counts for
    /// nothing on other routes.
    @Test(arguments: RouteCase.all) func orderTokensOpenNothingElse(row: RouteCase) throws {
        let (shop, token) = try AccessTests.guest.get()
        let route = ResponderProgram.all.flatMap(\.routes).first {
            $0.description == row.testDescription
        }
        let takesToken = if case .customerOrGuest? = route?.access { true } else { false }
        let response = try shop.send(
            row.method, row.target + (row.isSafe ? "" : "?dry_run=true"), row.body,
            fields: [.orderToken: token])
        let expected = takesToken ? 404 : row.expected[0]
        #expect(response.status.code == expected, "\(response.text)")
    }

    /// Callers use no privilege above customer on their own data.
    @Test(arguments: RouteCase.selves) func admitsOnOneself(owner: String) throws {
        let shop = try TestShop.furnished(owner: owner)
        let column = try #require(RouteCase.selves.firstIndex(of: owner))
        let caller = try #require(RouteCase.callers.firstIndex(of: owner))
        for row in RouteCase.all where !row.onOneself.isEmpty {
            let expected = row.onOneself[column]
            let target = row.target.replacing("/customers/ada", with: "/customers/\(owner)")
            let query = row.isSafe ? "" : "?dry_run=true"
            let response = try shop.send(row.method, target + query, as: owner, row.body)
            #expect(response.status.code == expected, "\(row): \(response.text)")
            guard expected == 403 else { continue }
            // For other customers' data the role is enough, except for the admin's rights.
            let isOwn = (200..<300).contains(row.expected[caller])
            let own = target.hasPrefix("/reviews") ? "own_review" : "own_account"
            let code = isOwn ? own : "forbidden"
            #expect(try response.json["code"] == .string(code), "\(row)")
        }
    }

    /// Responses do not distinguish another customer's private data from data that does not exist.
    @Test(arguments: [
        ("/customers/ada", "/customers/nobody"),
        ("/customers/ada/wallet", "/customers/nobody/wallet"),
        ("/customers/ada/wallet/entries", "/customers/nobody/wallet/entries"),
        ("/sales/1", "/sales/999"), ("/reviews/1", "/reviews/999"),
    ]) func hides(present: String, absent: String) throws {
        let shop = try AccessTests.shop.get()
        let hidden = try shop.send(.get, present, as: "ben")
        let missing = try shop.send(.get, absent, as: "ben")
        #expect(hidden.status == .notFound)
        #expect(hidden.text == missing.text)
        #expect(hidden.fields == missing.fields)
    }
}
