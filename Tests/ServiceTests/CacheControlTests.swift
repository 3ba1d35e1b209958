import Customers
import HTTP
import HTTPTypes
import Logging
import Service
import TestShop
import Testing

/// Which responses a cache may store.
@Suite struct CacheControlTests {
    private static let open = "public, max-age=1, stale-while-revalidate=1, stale-if-error=60"
    private static let closed = "private, no-store"

    /// Responses to anonymous requests of public routes, and no others.
    @Test(arguments: RouteCase.all) func cachesPublicResponses(row: RouteCase) throws {
        let shop = try TestShop.furnished()
        for account in RouteCase.callers {
            let response = try row.send(in: shop, as: account)
            let isOpen = account == nil && row.isSafe && response.status == .ok
            #expect(
                response.fields[values: .cacheControl] == [isOpen ? Self.open : Self.closed],
                "\(account ?? "nobody"): \(response.status)")
            #expect(response.fields[.vary] == (isOpen ? "Authorization" : nil))
        }
    }

    /// A 304 has the Cache-Control that the 200 would have (RFC 9110 section 15.4.5).
    @Test func appliesTo304AndHead() throws {
        let shop = try TestShop.furnished()
        for method in [HTTPRequest.Method.get, .head] {
            for fields: HTTPFields in [[:], [.ifNoneMatch: "*"]] {
                let anybody = try shop.send(method, "/inventory/1", fields: fields)
                #expect(anybody.fields[.cacheControl] == Self.open)
                let sami = try shop.send(method, "/inventory/1", as: "sami", fields: fields)
                #expect(sami.fields[.cacheControl] == Self.closed)
            }
        }
    }

    /// nginx would close the connection if it had no room for the cache file.
    @Test func cachesNothingWithoutRoom() throws {
        let shop = try TestShop()
        let routes: [Route] = [.get("/well", .anyone) { _, _ in .ok("well") }]
        let keys = Shop(
            currency: "USD", keys: KeyRing([TestShop.secret]), accessTokenSeconds: 900,
            refreshTokenSeconds: 900, throttlesLogins: true)
        let responder = Responder(
            routes, of: keys, on: shop.store, authentication: Customers.authentication,
            log: Logger(label: "test"), mayKeep: { false })
        let response = responder.answer(Request(path: "/well"))
        #expect(response.status == .ok)
        #expect(response.fields[.cacheControl] == Self.closed)
    }

    @Test(arguments: [
        "/inventory/99", "/inventory?limit=0", "/nothing", "/inventory/low-stock",
        "/inventory/archived",
        "/reviews?status=pending",
    ]) func keepsNoProblem(target: String) throws {
        let response = try TestShop.furnished().send(.get, target)
        #expect(response.status.kind == .clientError)
        #expect(response.fields[.cacheControl] == Self.closed)
    }

    /// Any Authorization field counts as a token, even an invalid one.
    @Test(arguments: ["", "0", "Bearer", "Bearer x"]) func cachesNothingForATokenOf(text: String)
        throws
    {
        let shop = try TestShop.furnished()
        let response = try shop.send(.get, "/inventory/1", fields: [.authorization: text])
        #expect(response.status == .unauthorized)
        #expect(response.fields[.cacheControl] == Self.closed)
    }
}
