import Customers
import HTTP
import HTTPTypes
import Inventory
import Reviews
import Sales
import TestShop
import Testing

/// Who may use which route, for every route there is.
@Suite struct AccessTests {
    private static let shop = Result { try TestShop.furnished() }

    @Test func knowsEveryRoute() {
        let routes =
            Customers.routes(with: []) + Sales.wishlistRoutes + Inventory.routes + Sales.routes
            + Reviews.routes
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

    /// Somebody else's private thing and a thing that is not there are told apart by nothing.
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
