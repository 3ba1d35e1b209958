import HTTP
import TestShop
import Testing

@Suite struct AvailabilityTests {
    private static let numbers = ["stock", "low_stock"]

    /// The pen, of which there are 10, with a threshold, after `taken` were removed.
    private func shop(threshold: Int, taken: Int, showsStock: Bool = false) throws -> TestShop {
        let shop = try TestShop(showsStock: showsStock)
        let change = #"{"low_stock":\#(threshold)}"#
        #expect(try shop.send(.patch, "/inventory/1", as: "sami", change).status == .ok)
        if taken > 0 {
            let sale = #"{"delta":\#(-taken),"reason":"taken"}"#
            let movement = try shop.send(.post, "/inventory/1/stock", as: "sami", sale)
            #expect(movement.status == .created)
        }
        return shop
    }

    /// The pen as `account` sees it: alone, in a list and in a search.
    private func pens(_ shop: TestShop, as account: String?) throws -> [JSON] {
        let lists = try ["/inventory?sort=price&limit=1", "/inventory?q=pen"].map {
            try shop.send(.get, $0, as: account).json["data"]?[0]
        }
        return try ([shop.send(.get, "/inventory/1", as: account).json] + lists).map {
            try #require($0)
        }
    }

    @Test(arguments: [
        (0, "in_stock"), (6, "in_stock"), (7, "low"), (9, "low"), (10, "out_of_stock"),
    ])
    func strangersAndCustomersSeeAvailabilityOnly(taken: Int, availability: String) throws {
        let shop = try shop(threshold: 3, taken: taken)
        for account in [nil, "ada", "mona"] {
            for pen in try pens(shop, as: account) {
                #expect(pen["availability"] == .string(availability))
                for name in Self.numbers { #expect(pen[name] == nil, "\(name)") }
            }
        }
    }

    @Test func staffSeeTheNumbers() throws {
        let shop = try shop(threshold: 3, taken: 4)
        for account in ["sami", "adil"] {
            for pen in try pens(shop, as: account) {
                #expect(pen["availability"] == "in_stock")
                #expect(pen["stock"] == 6)
                #expect(pen["low_stock"] == 3)
            }
        }
    }

    @Test func aShopMayShowTheStockButNotTheThreshold() throws {
        let shop = try shop(threshold: 3, taken: 4, showsStock: true)
        for account in [nil, "ada"] {
            for pen in try pens(shop, as: account) {
                #expect(pen["stock"] == 6)
                #expect(pen["low_stock"] == nil)
            }
        }
    }

    @Test func aProductWithoutThresholdIsNeverLow() throws {
        let shop = try TestShop(showsStock: false)
        let rest = #"{"items":[{"product_id":1,"quantity":9}]}"#
        #expect(try shop.send(.post, "/sales", as: "ada", rest).status == .created)
        #expect(try shop.send(.get, "/inventory/1").json["availability"] == "in_stock")
    }

    @Test func theWishlistShowsAvailability() throws {
        for (showsStock, stock) in [(false, nil), (true, JSON.integer(10))] {
            let shop = try TestShop(showsStock: showsStock)
            let put = try shop.send(.put, "/wishlist/1", as: "ada")
            let list = try shop.send(.get, "/wishlist", as: "ada")
            for wish in [try put.json, try list.json["data"]?[0]] {
                #expect(wish?["availability"] == "in_stock")
                #expect(wish?["stock"] == stock)
                #expect(wish?["low_stock"] == nil)
            }
            let tag = try #require(put.fields[.eTag])
            let removed = try shop.send(
                .delete, "/wishlist/1", as: "ada", fields: [.ifMatch: tag])
            #expect(removed.status == .noContent)
        }
    }

    @Test func insufficientStockRevealsNoNumbers() throws {
        let shop = try TestShop(showsStock: false)
        let order = #"{"items":[{"product_id":1,"quantity":11}]}"#
        let refused = try shop.send(.post, "/sales", as: "ada", order)
        #expect(try refused.json["code"] == "insufficient_stock")
        #expect(!refused.text.contains("10"))
    }
}
