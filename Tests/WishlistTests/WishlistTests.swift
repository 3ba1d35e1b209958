import HTTP
import TestShop
import Testing

@Suite struct WishlistTests {
    private static let pen = Scenario.Step(.put, "/wishlist/1", as: "ada")
    private static let lamp = Scenario.Step(.put, "/wishlist/2", as: "ada")

    static let rows =
        [
            Scenario(
                "an empty one", .init(.get, "/wishlist", as: "ada"), gives: 200,
                shows: #"{"data":[],"next":null}"#),
            Scenario(
                "puts a product on it", pen, gives: 200,
                shows:
                    #"""
                    {"product_id":1,"name":"pen","price":250,"currency":"USD",\#
                    "stock":10,"available":true,"created_at":"2026-11-18T11:06:40.000Z"}
                    """#
            ),
            Scenario(
                "adding twice adds once", after: [pen, pen, lamp],
                .init(.get, "/wishlist", as: "ada"), gives: 200,
                shows:
                    #"""
                    {"data":[{"product_id":2,"price":4000,"stock":3},{"product_id":1,\#
                    "price":250,"stock":10}],"next":null}
                    """#
            ),
            Scenario(
                "an unknown product", .init(.put, "/wishlist/9", as: "ada"), gives: 404,
                code: "product_not_found"),
            Scenario(
                "an archived product", after: [.init(.delete, "/inventory/1", as: "sami")], pen,
                gives: 404, code: "product_not_found"),
            Scenario(
                "today's price",
                after: [
                    pen,
                    .init(.patch, "/inventory/1", as: "sami", #"{"price":251,"name":"quill"}"#),
                ], .init(.get, "/wishlist", as: "ada"), gives: 200,
                shows: #"{"data":[{"price":251,"name":"quill"}]}"#),
            Scenario(
                "today's stock",
                after: [
                    pen,
                    .init(
                        .post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":4}]}"#),
                ], .init(.get, "/wishlist", as: "ada"), gives: 200,
                shows: #"{"data":[{"stock":6}]}"#),
            Scenario(
                "products archived later",
                after: [pen, .init(.delete, "/inventory/1", as: "sami")],
                .init(.get, "/wishlist", as: "ada"), gives: 200,
                shows: #"{"data":[{"product_id":1,"available":false}]}"#),
            Scenario(
                "removes a product", after: [pen], .init(.delete, "/wishlist/1", as: "ada"),
                gives: 204),
            Scenario(
                "removes an archived product",
                after: [pen, .init(.delete, "/inventory/1", as: "sami")],
                .init(.delete, "/wishlist/1", as: "ada"), gives: 204),
            Scenario(
                "is empty again", after: [pen, .init(.delete, "/wishlist/1", as: "ada")],
                .init(.get, "/wishlist", as: "ada"), gives: 200, shows: #"{"data":[]}"#),
            Scenario(
                "rejects a second removal", after: [pen, .init(.delete, "/wishlist/1", as: "ada")],
                .init(.delete, "/wishlist/1", as: "ada"), gives: 404,
                code: "wishlist_item_not_found"),
            Scenario(
                "another's wish", after: [pen], .init(.delete, "/wishlist/1", as: "ben"),
                gives: 404, code: "wishlist_item_not_found"),
            Scenario(
                "another's wishes", after: [pen], .init(.get, "/wishlist", as: "adil"), gives: 200,
                shows: #"{"data":[],"next":null}"#),
            Scenario(
                "an invalid id", .init(.put, "/wishlist/pen", as: "ada"), gives: 404,
                code: "not_found"),
            Scenario(
                "a negative id", .init(.delete, "/wishlist/-1", as: "ada"), gives: 404,
                code: "not_found"),
            Scenario(
                "an unknown parameter", .init(.get, "/wishlist?q=pen", as: "ada"), gives: 422,
                code: "invalid_request", shows: #"{"errors":[{"field":"q"}]}"#),
            Scenario(
                "an anonymous caller's list", .init(.get, "/wishlist"), gives: 401,
                code: "token_missing"),
            Scenario(
                "an anonymous caller's product", .init(.put, "/wishlist/1"), gives: 401,
                code: "token_missing"),
            Scenario(
                "an anonymous caller's deletion", .init(.delete, "/wishlist/1"), gives: 401,
                code: "token_missing"),
            Scenario(
                "a condition that holds for nothing",
                .init(.put, "/wishlist/1", as: "ada", fields: [.ifMatch: "*"]), gives: 412,
                code: "precondition_failed"),
            Scenario(
                "a condition that holds", after: [pen],
                .init(.put, "/wishlist/1", as: "ada", fields: [.ifMatch: "*"]), gives: 200),
            Scenario(
                "a dry run", .init(.put, "/wishlist/1?dry_run=true", as: "ada"), gives: 200,
                shows: #"{"product_id":1}"#, fields: ["Dry-Run": "true"]),
            Scenario(
                "a dry run leaves nothing",
                after: [.init(.put, "/wishlist/1?dry_run=true", as: "ada")],
                .init(.get, "/wishlist", as: "ada"), gives: 200, shows: #"{"data":[]}"#),
            Scenario(
                "every fault at once",
                .init(.get, "/wishlist?limit=0&after=x&sort=name", as: "ada"), gives: 422,
                code: "invalid_request",
                shows: #"{"errors":[{"field":"limit"},{"field":"after"},{"field":"sort"}]}"#),
            Scenario(
                "another method", .init(.post, "/wishlist", as: "ada", "{}"), gives: 405,
                code: "method_not_allowed", fields: ["Allow": "GET, HEAD"]),
        ] + .closed(by: .get, "/wishlist") + .closed(by: .put, "/wishlist/1")
        + .closed(by: .delete, "/wishlist/1")

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func keepsTheDateOfTheFirstAddition() throws {
        let shop = try TestShop()
        let first = try shop.send(WishlistTests.pen)
        shop.clock.pass(seconds: 60)
        let second = try shop.send(WishlistTests.pen)
        #expect(second.body == first.body)
    }

    @Test func pagesNewestFirst() throws {
        let shop = try TestShop()
        for number in 3...7 {
            _ = try shop.send(
                .post, "/inventory", as: "sami", #"{"name":"p\#(number)","category":"x","price":1}"#
            )
        }
        for product in 1...7 { _ = try shop.send(.put, "/wishlist/\(product)", as: "ada") }
        var seen: [JSON?] = []
        var cursor = ""
        for _ in 0..<4 {
            let page = try shop.send(.get, "/wishlist?limit=2\(cursor)", as: "ada").json
            seen += page["data"]?.elements.map { $0["product_id"] } ?? []
            guard case .string(let next)? = page["next"] else { break }
            cursor = "&after=\(next)"
        }
        #expect(seen == [7, 6, 5, 4, 3, 2, 1].map { .integer($0) })
    }

    @Test func pagesThroughAWishlist() throws {
        let shop = try TestShop()
        for number in 3...32 {
            _ = try shop.send(
                .post, "/inventory", as: "sami",
                #"{"name":"p\#(number)","category":"paper","price":1}"#)
        }
        for number in (3...32).shuffled() {
            let account = number % 7 == 0 ? "ben" : "ada"
            #expect(try shop.send(.put, "/wishlist/\(number)", as: account).status.code == 200)
        }
        let all = (3...32).reversed().map(Int64.init)
        let ada = try shop.ids("/wishlist", as: "ada", member: "product_id")
        let ben = try shop.ids("/wishlist", as: "ben", member: "product_id")
        #expect(ada == all.filter { $0 % 7 != 0 } && ben == all.filter { $0 % 7 == 0 })
    }
}
