import HTTP
import HTTPTypes
import TestShop
import Testing

/// The problems of a cart, which a checkout reports too.
@Suite struct CartProblemTests {
    /// Something that happens to ada's cart with two pens and a lamp.
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let steps: [Scenario.Step]
        let problems: [String]
        /// The product of the first problem.
        var item: Int64?
        var total: Int64?
    }

    private static func patch(_ body: String) -> Scenario.Step {
        .init(.patch, "/sales/carts/mine", as: "ada", body)
    }
    private static let needsShipping = Scenario.Step(
        .post, "/sales/shipping-methods", as: "sami",
        #"{"name":"Post","countries":["GB"],"price":400}"#)
    private static let address =
        #""shipping_address":{"name":"A","lines":["1 Main St"],"city":"York","country":"GB"}"#

    static let rows = [
        Row(testDescription: "none", steps: [], problems: [], total: 4500),
        Row(
            testDescription: "archived product",
            steps: [.init(.delete, "/inventory/1", as: "sami")], problems: ["product_gone"],
            item: 1, total: 4000),
        Row(
            testDescription: "no stock",
            steps: [
                .init(.post, "/inventory/2/stock", as: "sami", #"{"delta":-3,"reason":"lost"}"#)
            ], problems: ["out_of_stock"], item: 2, total: 4500),
        Row(
            testDescription: "too little stock",
            steps: [
                .init(.post, "/inventory/1/stock", as: "sami", #"{"delta":-9,"reason":"lost"}"#)
            ], problems: ["not_enough_stock"], item: 1, total: 4500),
        Row(
            testDescription: "new price",
            steps: [.init(.patch, "/inventory/1", as: "sami", #"{"price":300}"#)],
            problems: ["price_changed"], item: 1, total: 4600),
        Row(
            testDescription: "no address and no method", steps: [needsShipping],
            problems: ["address_missing", "no_shipping_method"], total: 4500),
        Row(
            testDescription: "no address",
            steps: [needsShipping, patch(#"{"shipping_method":1}"#)],
            problems: ["address_missing"], total: 4500),
        Row(
            testDescription: "no method", steps: [needsShipping, patch("{\(address)}")],
            problems: ["no_shipping_method"], total: 4500),
        Row(
            testDescription: "method of another country",
            steps: [
                needsShipping,
                patch("{\(address),\"shipping_method\":1}".replacing("GB", with: "FR")),
            ], problems: ["shipping_method_invalid"], total: 4500),
        Row(
            testDescription: "address and method",
            steps: [needsShipping, patch("{\(address),\"shipping_method\":1}")], problems: [],
            total: 4900),
        Row(
            testDescription: "coupon",
            steps: [
                .init(
                    .post, "/sales/coupons", as: "sami",
                    #"{"code":"TEN","kind":"percent","value":1000}"#),
                patch(#"{"coupon":"ten"}"#),
            ], problems: [], total: 4050),
        Row(
            testDescription: "coupon that was deleted, and no method",
            steps: [
                .init(
                    .post, "/sales/coupons", as: "sami",
                    #"{"code":"TEN","kind":"percent","value":1000}"#),
                patch(#"{"coupon":"ten"}"#), .init(.delete, "/sales/coupons/TEN", as: "sami"),
                needsShipping, patch("{\(address)}"),
            ], problems: ["coupon_invalid", "no_shipping_method"], total: 4500),
        Row(
            testDescription: "no lines",
            steps: [
                .init(.delete, "/sales/carts/mine/items/1", as: "ada"),
                .init(.delete, "/sales/carts/mine/items/2", as: "ada"),
                patch(#"{"shipping_method":1}"#),
            ], problems: ["cart_empty"], total: 0),
    ]

    @Test(arguments: rows) func showsWhatPreventsTheOrder(row: Row) throws {
        let shop = try TestShop()
        try shop.put(1, 2, as: "ada")
        try shop.put(2, 1, as: "ada")
        for step in row.steps { try step.succeeds(in: shop) }
        let seen = try shop.cart(as: "ada")
        #expect(try seen.problems == row.problems, "\(seen.text)")
        #expect(try seen.json["problems"]?[0]?["item"]?.integer == row.item)
        #expect(try seen.json["total"]?.integer == row.total)
        let before = try shop.contents()
        let bought = try shop.checkOut(row.total ?? 0, as: "ada")
        if row.problems.isEmpty {
            #expect(bought.status == .created, "\(bought.text)")
            #expect(try bought.json["total"]?.integer == row.total)
        } else {
            #expect(try bought.status == .conflict && bought.json["code"] == "cart_not_ready")
            #expect(try bought.faults == row.problems, "\(bought.text)")
            #expect(try shop.contents() == before)
        }
        #expect(try shop.breaches() == [])
    }

    @Test func aGuestNeedsAnAddressForMessages() throws {
        let shop = try TestShop()
        let token = try shop.newCart([(1, 1)])
        #expect(try shop.cart(token: token).problems == ["email_missing"])
        #expect(try shop.cart(token: token, as: "ada").problems == [])
        let changed = try shop.cart(.patch, "", #"{"email":"a@example.com"}"#, token: token)
        #expect(try changed.problems == [])
    }

    /// Setting the quantity again accepts the present price.
    @Test func aNewPriceIsAccepted() throws {
        let shop = try TestShop()
        try shop.put(1, 2, as: "ada")
        try Scenario.Step(.patch, "/inventory/1", as: "sami", #"{"price":300}"#).succeeds(in: shop)
        #expect(try shop.checkOut(600, as: "ada").faults == ["price_changed"])
        #expect(try shop.put(1, 2, as: "ada").problems == [])
        #expect(try shop.checkOut(600, as: "ada").status == .created)
    }

    /// The answers to any quantities do not reveal a hidden stock.
    @Test func aHiddenStockIsNotCompared() throws {
        let shop = try TestShop(showsStock: false)
        for quantity: Int64 in [1, 10, 11, 1_000_000] {
            let answer = try shop.put(1, quantity, as: "ada")
            #expect(try answer.problems == [], "\(quantity)")
            #expect(try answer.json["items"]?[0]?["stock"] == nil)
            #expect(try shop.put(1, quantity, as: "sami").problems.isEmpty == (quantity <= 10))
        }
        let token = try shop.newCart([(1, 20)])
        let claimed = try shop.cart(.post, "/claim", token: token, as: "ada")
        #expect(try claimed.quantities == [[1, 1_000_000]])
        try shop.put(1, 11, as: "ada")
        let bought = try shop.checkOut(2750, as: "ada")
        #expect(try bought.json["code"] == "insufficient_stock")
        try Scenario.Step(
            .post, "/inventory/1/stock", as: "sami", #"{"delta":-10,"reason":"lost"}"#
        ).succeeds(in: shop)
        #expect(try shop.cart(as: "ada").problems == ["out_of_stock"])
    }

    /// A total beyond the limit of an order is a problem and no failure.
    @Test func aTotalMayBeTooHigh() throws {
        let shop = try TestShop()
        try Scenario.Step(.patch, "/inventory/1", as: "sami", #"{"price":100000000000}"#)
            .succeeds(in: shop)
        let answer = try shop.put(1, 1_000_000, as: "sami")
        #expect(try answer.problems == ["not_enough_stock", "total_too_high"])
        #expect(try answer.json["total"] == .null)
        #expect(try answer.json["items"]?[0]?["total"] == .null)
    }
}
