import HTTP
import HTTPTypes
import TestShop
import Testing

/// Queries with unknown or repeated parameters are rejected on every route.
@Suite struct QueryTests {
    private static let shop = Result { try TestShop.furnished() }

    @Test(arguments: RouteCase.ordinary) func rejectsUnknownParameters(row: RouteCase) throws {
        let shop = try QueryTests.shop.get()
        for query in [
            "colour=red", "colour", "=", "x=1&y=2", "Limit=1", "limit[]=1", "dry-run=true",
        ] {
            let response = try row.send(in: shop, as: "adil", query: query)
            #expect(response.status.code == 422, "\(query): \(response.text)")
            #expect(
                try response.json["errors"]?.elements.allSatisfy {
                    $0["message"] == .string("is not a known field")
                } == true)
            #expect(
                try response.json["errors"]?.elements.count == (query == "x=1&y=2" ? 2 : 1))
        }
    }

    @Test(arguments: RouteCase.ordinary) func acceptsDryRunOnUnsafeMethods(row: RouteCase) throws {
        let shop = try QueryTests.shop.get()
        let queries =
            row.isSafe
            ? ["dry_run=true", "dry_run=false", "dry_run"]
            : [
                "dry_run=x", "dry_run=", "dry_run", "dry_run=1", "dry_run=True", "dry_run=null",
                "dry_run=true&dry_run=true", "dry_run=true&dry%5Frun=false",
            ]
        for query in queries {
            let response = try row.send(in: shop, as: "adil", query: query)
            #expect(response.status.code == 422, "\(query): \(response.text)")
            #expect(try response.json["errors"]?[0]?["field"] == .string("dry_run"))
        }
    }

    static let lists = [
        "/inventory", "/reviews", "/sales", "/wishlist", "/customers/ada/wallet/entries",
        "/inventory/1/movements",
    ]

    @Test(arguments: lists) func boundsAPage(path: String) throws {
        let shop = try QueryTests.shop.get()
        for limit in [
            "0", "101", "-1", "abc", "", "1.0", "1e1", "01", "+1", "%201", "1%00", "true",
            "9223372036854775808", "1&limit=1", "1&limit=2",
        ] {
            let response = try shop.send(.get, "\(path)?limit=\(limit)", as: "adil")
            #expect(response.status.code == 422, "\(limit): \(response.text)")
            #expect(try response.json["errors"]?[0]?["field"] == .string("limit"))
        }
        for limit in ["1", "100", "%31"] {
            let response = try shop.send(.get, "\(path)?limit=\(limit)", as: "adil")
            #expect(response.status == .ok, "\(limit): \(response.text)")
        }
        let standard = try shop.send(.get, path, as: "adil")
        #expect(standard.text == (try shop.send(.get, "\(path)?limit=20", as: "adil")).text)
    }

    static let rows = [
        Scenario(
            "every fault of a query",
            .init(
                .get, "/inventory?limit=0&after=x&sort=colour&min_price=a&in_stock=maybe&colour=red"
            ), gives: 422, code: "invalid_request",
            shows:
                #"""
                {"errors":[{"field":"min_price"},{"field":"in_stock"},{"field":"sort"},\#
                {"field":"limit"},{"field":"after"},{"field":"colour"}]}
                """#
        ),
        Scenario(
            "a broken escape", .init(.get, "/inventory?category=%"), gives: 400,
            code: "invalid_query"),
        Scenario(
            "half an escape", .init(.get, "/inventory?category=%4"), gives: 400,
            code: "invalid_query"),
        Scenario(
            "an invalid escape", .init(.get, "/inventory?category=%g0"), gives: 400,
            code: "invalid_query"),
        Scenario(
            "invalid UTF-8", .init(.get, "/inventory?category=%ff"), gives: 400,
            code: "invalid_query"),
        Scenario(
            "a surrogate", .init(.get, "/inventory?category=%ed%a0%80"), gives: 400,
            code: "invalid_query"),
        Scenario(
            "a broken name", .init(.get, "/inventory?%c3=1"), gives: 400, code: "invalid_query"),
        Scenario(
            "a broken query on a POST", .init(.post, "/customers?%", "{}"), gives: 400,
            code: "invalid_query"),
        Scenario(
            "NUL in a value", .init(.get, "/sales?username=a%00b", as: "sami"), gives: 422,
            shows: #"{"errors":[{"field":"username"}]}"#),
        Scenario("an ampersand too many", .init(.get, "/inventory?&limit=1&"), gives: 200),
        Scenario(
            "an escaped name", .init(.get, "/inventory?l%69mit=1"), gives: 200,
            shows: #"{"data":[{}]}"#),
        Scenario(
            "a plus for a space",
            .init(.get, "/sales?from=2026-01-01T00:00:00%2B00:00", as: "sami"), gives: 200),
        Scenario(
            "a filter given twice", .init(.get, "/inventory?category=paper&category=paper"),
            gives: 422, shows: #"{"errors":[{"field":"category","message":"is repeated"}]}"#),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }
}
