import HTTPTypes
import TestShop
import Testing

@Suite struct RestoreProductTests {
    static let gone = Scenario.Step(.delete, "/inventory/1", as: "sami")
    static let restore = Scenario.Step(.post, "/inventory/1/restore", as: "sami")
    static let numbered = Scenario.Step(.patch, "/inventory/1", as: "sami", #"{"sku":"A"}"#)
    static let successor = Scenario.Step(
        .post, "/inventory", as: "sami",
        #"{"name":"new pen","category":"paper","price":1,"sku":"A"}"#)

    static let rows =
        [
            Scenario(
                "staff may", after: [gone], restore, gives: 200,
                shows: #"{"id":1,"stock":10,"archived_at":null}"#),
            Scenario(
                "an admin may", after: [gone], .init(.post, "/inventory/1/restore", as: "adil"),
                gives: 200),
            Scenario(
                "one on sale stays as it is", restore, gives: 200,
                shows: #"{"id":1,"updated_at":"1970-01-01T00:00:00.000Z"}"#),
            Scenario(
                "one that is restored already", after: [gone, restore], restore, gives: 200,
                shows: #"{"id":1,"archived_at":null}"#),
            Scenario(
                "an unknown product", .init(.post, "/inventory/3/restore", as: "sami"), gives: 404,
                code: "product_not_found"),
            Scenario(
                "an invalid id", .init(.post, "/inventory/x/restore", as: "sami"), gives: 404,
                code: "not_found"),
            Scenario(
                "its SKU is unused", after: [numbered, gone], restore, gives: 200,
                shows: #"{"sku":"A"}"#),
            Scenario(
                "another product has its SKU", after: [numbered, gone, successor], restore,
                gives: 409, code: "sku_taken",
                shows:
                    #"""
                    {"detail":"Product 3 has this SKU.","errors":[{"field":"sku",\#
                    "message":"is the SKU of product 3"}]}
                    """#
            ),
            Scenario(
                "its SKU is free again",
                after: [numbered, gone, successor, .init(.delete, "/inventory/3", as: "sami")],
                restore, gives: 200, shows: #"{"id":1,"sku":"A"}"#),
            Scenario(
                "a dry run", after: [gone],
                .init(.post, "/inventory/1/restore?dry_run=true", as: "sami"), gives: 200,
                shows: #"{"archived_at":null}"#, fields: ["Dry-Run": "true"]),
            Scenario(
                "anonymous callers see it", after: [gone, restore], .init(.get, "/inventory/1"),
                gives: 200, shows: #"{"id":1}"#),
            Scenario(
                "a search finds it", after: [gone, restore], .init(.get, "/inventory?q=pen"),
                gives: 200, shows: #"{"data":[{"id":1}]}"#),
            Scenario(
                "its category lists it", after: [gone, restore],
                .init(.get, "/inventory?category=paper"), gives: 200, shows: #"{"data":[{"id":1}]}"#
            ),
            Scenario(
                "its category counts it", after: [gone, restore],
                .init(.get, "/inventory/categories"), gives: 200,
                shows: #"{"data":[{"category":"light","count":1},{"category":"paper","count":1}]}"#),
            Scenario(
                "it runs low as before",
                after: [
                    .init(.patch, "/inventory/1", as: "sami", #"{"low_stock":10}"#), gone, restore,
                ],
                .init(.get, "/inventory/low-stock", as: "sami"), gives: 200,
                shows: #"{"data":[{"id":1}]}"#),
            Scenario(
                "it can be bought", after: [gone, restore],
                .init(.post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":1}]}"#),
                gives: 201),
            Scenario(
                "a wish for it can be bought",
                after: [.init(.put, "/wishlist/1", as: "ada"), gone, restore],
                .init(.get, "/wishlist", as: "ada"), gives: 200,
                shows: #"{"data":[{"available":true}]}"#),
            Scenario(
                "units returned meanwhile are in stock",
                after: [
                    .init(
                        .post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":4}]}"#),
                    gone,
                    .init(.post, "/sales/1/cancel", as: "ada"),
                ],
                restore, gives: 200, shows: #"{"stock":10}"#),
            Scenario(
                "the archived products", after: [gone],
                .init(.get, "/inventory/archived", as: "sami"), gives: 200,
                shows: #"{"data":[{"id":1,"archived_at":"2026-11-18T11:06:40.000Z"}],"next":null}"#),
            Scenario(
                "none is archived", after: [gone, restore],
                .init(.get, "/inventory/archived", as: "sami"), gives: 200,
                shows: #"{"data":[],"next":null}"#),
        ] + .closed(to: "ada", "mona", by: .post, "/inventory/1/restore")
        + .closed(to: "ada", "mona", by: .get, "/inventory/archived")

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func listsTheLastArchivedFirst() throws {
        let shop = try TestShop()
        for id in [2, 1] {
            _ = try shop.send(.delete, "/inventory/\(id)", as: "sami")
            shop.clock.pass(seconds: 1)
        }
        let first = try shop.send(.get, "/inventory/archived?limit=1", as: "sami").json
        #expect(first["data"]?[0]?["id"] == 1)
        let next = try #require(first["next"]?.text)
        let last = try shop.send(.get, "/inventory/archived?limit=1&after=\(next)", as: "sami")
        #expect(try last.json["data"]?[0]?["id"] == 2)
        #expect(try last.json["next"] == .null)
    }

    @Test func replaysTheResponseForOneKey() throws {
        let shop = try TestShop()
        _ = try shop.send(Self.gone)
        let first = try shop.send(.post, "/inventory/1/restore", as: "sami", fields: .key("k"))
        _ = try shop.send(Self.gone)
        let second = try shop.send(.post, "/inventory/1/restore", as: "sami", fields: .key("k"))
        #expect(second.body == first.body)
        #expect(try shop.send(.get, "/inventory/1").status.code == 404)
    }
}
