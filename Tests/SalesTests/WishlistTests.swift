import HTTP
import TestShop
import Testing

@Suite struct WishlistTests {
    static let wish = Scenario.Step(.put, "/wishlist/1", as: "ada")

    // swift-format-ignore
    static let rows = [
        Scenario("wishes for a product", .init(.put, "/wishlist/1", as: "ada"), gives: 200,
            shows: #"{"product_id":1,"name":"pen","price":250,"currency":"USD","stock":10,"available":true,"created_at":"2026-11-18T11:06:40.000Z"}"#),
        Scenario("wishes twice for one", after: [wish, wish], .init(.get, "/wishlist", as: "ada"), gives: 200, shows: #"{"data":[{"product_id":1}],"next":null}"#),
        Scenario("shows price and stock as they are now", after: [wish, .init(.patch, "/inventory/1", as: "sami", #"{"price":7,"name":"quill"}"#), SellTests.buy(1, 4)],
            .init(.get, "/wishlist", as: "ada"), gives: 200, shows: #"{"data":[{"name":"quill","price":7,"stock":6,"available":true}]}"#),
        Scenario("shows what is no longer on sale", after: [wish, .init(.delete, "/inventory/1", as: "sami")],
            .init(.get, "/wishlist", as: "ada"), gives: 200, shows: #"{"data":[{"product_id":1,"available":false}]}"#),
        Scenario("forgets what is no longer on sale", after: [wish, .init(.delete, "/inventory/1", as: "sami")], .init(.delete, "/wishlist/1", as: "ada"), gives: 204),
        Scenario("is one's own", after: [wish], .init(.get, "/wishlist", as: "ben"), gives: 200, shows: #"{"data":[]}"#),
        Scenario("is one's own for staff too", after: [wish], .init(.get, "/wishlist", as: "adil"), gives: 200, shows: #"{"data":[]}"#),
        Scenario("takes nothing from another's", after: [wish], .init(.delete, "/wishlist/1", as: "ben"), gives: 404, code: "wishlist_item_not_found"),
        Scenario("forgets a product", after: [wish], .init(.delete, "/wishlist/1", as: "ada"), gives: 204),
        Scenario("has forgotten it", after: [wish, .init(.delete, "/wishlist/1", as: "ada")], .init(.get, "/wishlist", as: "ada"), gives: 200, shows: #"{"data":[]}"#),
        Scenario("forgets nothing twice", after: [wish, .init(.delete, "/wishlist/1", as: "ada")], .init(.delete, "/wishlist/1", as: "ada"), gives: 404, code: "wishlist_item_not_found"),
        Scenario("wishes for nothing that is not there", .init(.put, "/wishlist/9", as: "ada"), gives: 404, code: "product_not_found"),
        Scenario("wishes for no id that is none", .init(.put, "/wishlist/pen", as: "ada"), gives: 404, code: "not_found"),
        Scenario("a dry run", .init(.put, "/wishlist/1?dry_run=true", as: "ada"), gives: 200, shows: #"{"product_id":1}"#, fields: ["Dry-Run": "true"]),
        Scenario("a dry run leaves nothing", after: [.init(.put, "/wishlist/1?dry_run=true", as: "ada")], .init(.get, "/wishlist", as: "ada"), gives: 200, shows: #"{"data":[]}"#),
        Scenario("every fault at once", .init(.get, "/wishlist?limit=0&after=x&sort=name", as: "ada"), gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"limit"},{"field":"after"},{"field":"sort"}]}"#),
        Scenario("another method", .init(.post, "/wishlist", as: "ada", "{}"), gives: 405, code: "method_not_allowed", fields: ["Allow": "GET, HEAD"]),
    ] + .closed(by: .get, "/wishlist") + .closed(by: .put, "/wishlist/1") + .closed(by: .delete, "/wishlist/1")

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func remembersSinceWhen() throws {
        let shop = try TestShop()
        _ = try shop.send(WishlistTests.wish)
        shop.clock.pass(seconds: 9)
        let again = try shop.send(WishlistTests.wish)
        #expect(try again.json["created_at"] == "2026-11-18T11:06:40.000Z")
    }

    @Test func pagesThirtyWishes() throws {
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
