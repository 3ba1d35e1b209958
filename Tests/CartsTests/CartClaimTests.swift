import HTTP
import HTTPTypes
import TestShop
import Testing

@testable import Carts

/// How the cart of a visitor becomes the cart of a customer.
@Suite struct CartClaimTests {
    /// A guest's and an own quantity, the stock, and the quantity of the merged line.
    struct Merge: Sendable, CustomTestStringConvertible {
        let (guest, own, stock, merged): (Int64, Int64, Int64, Int64)
        var testDescription: String { "\(guest) and \(own) of \(stock)" }

        init(_ guest: Int64, _ own: Int64, of stock: Int64, gives merged: Int64) {
            (self.guest, self.own, self.stock, self.merged) = (guest, own, stock, merged)
        }
    }

    static let merges = [
        Merge(1, 0, of: 10, gives: 1), Merge(3, 4, of: 10, gives: 7),
        Merge(5, 5, of: 10, gives: 10),
        Merge(6, 5, of: 10, gives: 10), Merge(12, 0, of: 10, gives: 10),
        Merge(1, 12, of: 10, gives: 10), Merge(2, 3, of: 1, gives: 1), Merge(2, 3, of: 0, gives: 3),
        Merge(4, 0, of: 0, gives: 4), Merge(1_000_000, 1_000_000, of: 10, gives: 10),
        Merge(1_000_000, 1_000_000, of: 1_000_000_000, gives: 1_000_000),
    ]

    @Test(arguments: merges) func quantitiesAreAddedUpToTheStock(row: Merge) throws {
        let shop = try TestShop()
        if row.own > 0 { try shop.put(1, row.own, as: "ada") }
        let token = try shop.newCart([(1, row.guest), (2, 1)])
        if row.stock != 10 {
            let body = #"{"delta":\#(row.stock - 10),"reason":"count"}"#
            try Scenario.Step(.post, "/inventory/1/stock", as: "sami", body).succeeds(in: shop)
        }
        let claimed = try shop.cart(.post, "/claim", token: token, as: "ada")
        #expect(try claimed.quantities == [[1, row.merged], [2, 1]], "\(claimed.text)")
        #expect(try shop.cart(as: "ada").text == claimed.text)
        #expect(try shop.count("carts") == 1)
        #expect(try shop.cart(token: token, as: "ada").status == .notFound)
        #expect(try shop.cart(.post, "/claim", token: token, as: "ada").status == .notFound)
        #expect(try shop.breaches() == [])
    }

    @Test func aHiddenStockDoesNotLimitTheSum() {
        #expect(mergedQuantity(7, 8, stock: nil) == 15)
        #expect(mergedQuantity(1_000_000, 8, stock: nil) == 1_000_000)
    }

    /// The choices of the visitor replace the customer's; what the visitor left open stays.
    ///
    /// An account has an e-mail address of its own.
    @Test func choicesAreMerged() throws {
        let shop = try TestShop()
        _ = try shop.cart(.patch, "", #"{"note":"old","shipping_method":1}"#, as: "ada")
        let token = try shop.newCart()
        _ = try shop.cart(
            .patch, "", #"{"note":"new","email":"ada@example.com"}"#, token: token)
        let claimed = try shop.cart(.post, "/claim", token: token, as: "ada").json
        #expect(claimed["note"] == "new" && claimed["shipping_method"] == 1)
        #expect(claimed["email"] == .null)
    }

    /// A price that changed after the customer's own line was added is shown.
    @Test func theOlderPriceStays() throws {
        let shop = try TestShop()
        try shop.put(1, 1, as: "ada")
        try Scenario.Step(.patch, "/inventory/1", as: "sami", #"{"price":300}"#).succeeds(in: shop)
        let token = try shop.newCart([(1, 1)])
        let claimed = try shop.cart(.post, "/claim", token: token, as: "ada")
        #expect(try claimed.problems == ["price_changed"])
    }

    @Test func takesALoginAndAToken() throws {
        let shop = try TestShop()
        let token = try shop.newCart([(1, 1)])
        #expect(try shop.cart(.post, "/claim", token: token).status == .unauthorized)
        #expect(try shop.cart(.post, "/claim", as: "ada").json["code"] == "cart_not_found")
        _ = try shop.checkOut(250, token: token, as: "ada")
        for account in ["ada", "ben"] {
            let answer = try shop.cart(.post, "/claim", token: token, as: account)
            #expect(try answer.json["code"] == "cart_not_found")
        }
    }

    /// Of concurrent claims of one token by two customers one wins, and no unit is lost.
    @Test func oneOfTwoCustomersWins() throws {
        let shop = try TestShop()
        _ = try ["ada", "ben"].map(shop.token)
        for _ in 0..<5 {
            for account in ["ada", "ben"] { _ = try shop.cart(.delete, as: account) }
            let token = try shop.newCart([(1, 2), (2, 1)])
            let answers = atOnce(8) { number in
                Result {
                    try shop.cart(
                        .post, "/claim", token: token, as: ["ada", "ben"][number % 2]
                    ).status.code
                }
            }
            let codes = try answers.map { try $0.get() }
            #expect(codes.count { $0 == 200 } == 1 && codes.count { $0 == 404 } == 7, "\(codes)")
            let carts = try ["ada", "ben"].map { try shop.cart(as: $0).quantities }
            #expect(carts.contains([[1, 2], [2, 1]]) && carts.contains([]), "\(carts)")
            #expect(try shop.count("carts") == 1)
        }
    }
}
