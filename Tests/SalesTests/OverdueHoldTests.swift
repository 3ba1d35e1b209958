import HTTP
import Storage
import TestShop
import Testing

private typealias Unpaid = UnpaidOrderTests

/// Writes that need what an order holds whose time to pay is over, before the courier finds it.
@Suite struct OverdueHoldTests {
    private static let holdSeconds: Int64 = 604_800

    private static func order(
        _ quantity: Int, as account: String, _ method: String = "wallet", coupon: Bool = false,
        query: String = ""
    ) -> Scenario.Step {
        .init(
            .post, "/sales\(query)", as: account,
            #"""
            {"items":[{"product_id":2,"quantity":\#(quantity)}],\#
            \#(coupon ? #""coupon":"SAVE","# : "")"payment":{"method":"\#(method)"}}
            """#)
    }

    /// A shop in which ada holds all three lamps, and the only use of a coupon.
    private func shop(after seconds: Int64 = holdSeconds) throws -> TestShop {
        let shop = try TestShop()
        try Scenario.Step(
            .post, "/sales/coupons", as: "sami",
            #"{"code":"SAVE","kind":"amount","value":100,"max_uses":1}"#
        ).succeeds(in: shop)
        try shop.addCustomers((1...20).map { "buyer\($0)" }, balance: 12_000)
        try Self.order(3, as: "ada", "bank_transfer", coupon: true).succeeds(in: shop)
        shop.clock.pass(seconds: seconds)
        shop.forgetTokens()
        return shop
    }

    private func change(_ delta: Int64, in shop: TestShop) throws {
        try Scenario.Step(
            .post, "/inventory/2/stock", as: "sami", #"{"delta":\#(delta),"reason":"x"}"#
        ).succeeds(in: shop)
    }

    private func statuses(in shop: TestShop) throws -> [String] {
        try shop.store.read {
            try $0.all("SELECT status FROM orders ORDER BY id") { try $0["status"] as String }
        }
    }

    @Test func aPurchaseGetsTheUnits() throws {
        let shop = try shop()
        try Self.order(3, as: "buyer1").succeeds(in: shop)
        #expect(try statuses(in: shop) == ["cancelled", "paid"])
        #expect(
            try shop.eventTypes(of: ["order"]) == [
                "order.created", "order.expired", "order.created", "order.paid",
            ])
        #expect(try shop.breaches() == [])
    }

    @Test func anOrderThatMayStillBePaidKeepsThem() throws {
        let shop = try shop(after: Self.holdSeconds - 1)
        try Scenario(
            "", Self.order(1, as: "buyer1"), gives: 409, code: "insufficient_stock"
        ).play(in: shop)
        #expect(try statuses(in: shop) == ["pending"])
    }

    @Test func aQuoteCountsThem() throws {
        let shop = try shop()
        try Self.order(3, as: "buyer1", query: "?dry_run=true").succeeds(in: shop)
        #expect(try statuses(in: shop) == ["cancelled"])
    }

    @Test func aPurchaseGetsTheUseOfTheCoupon() throws {
        let shop = try shop()
        try change(1, in: shop)
        let sold = try Self.order(1, as: "buyer1", coupon: true).succeeds(in: shop).json
        #expect(sold["discount"] == 100)
        #expect(try shop.breaches() == [])
    }

    @Test func aCheckoutGetsTheUnits() throws {
        let shop = try shop()
        try Scenario.Step(
            .put, "/sales/carts/mine/items/2", as: "buyer1", #"{"quantity":3}"#
        ).succeeds(in: shop)
        let sold = try shop.send(
            .post, "/sales/carts/mine/checkout", as: "buyer1", #"{"expected_total":12000}"#)
        #expect(sold.status == .created, "\(sold.text)")
        #expect(try shop.breaches() == [])
    }

    @Test func aWriteOffGetsTheUnits() throws {
        let shop = try shop()
        try change(-3, in: shop)
        #expect(try shop.breaches() == [])
    }

    @Test func theOrderDelaysNoErasure() throws {
        let shop = try shop()
        try Scenario.Step(
            .post, "/customers/ada/wallet/debit", as: "sami", #"{"amount":100000}"#
        ).succeeds(in: shop)
        try Scenario.Step(.delete, "/customers/ada", as: "ada").succeeds(in: shop)
        #expect(try statuses(in: shop) == ["cancelled"])
        #expect(try shop.breaches() == [])
    }

    /// Orders whose time is over do not count among the twenty that may be unpaid.
    @Test func theBuyerMayOrderAgain() throws {
        let shop = try shop(after: 0)
        try change(20, in: shop)
        for _ in 2...20 { try Self.order(1, as: "ada", "bank_transfer").succeeds(in: shop) }
        try Scenario(
            "", Self.order(1, as: "ada", "bank_transfer"), gives: 422, code: "quota_exceeded"
        ).play(in: shop)
        shop.clock.pass(seconds: Self.holdSeconds)
        shop.forgetTokens()
        try Self.order(1, as: "ada", "bank_transfer").succeeds(in: shop)
        #expect(try shop.breaches() == [])
    }

    @Test func threeOfTwentyBuyersGetThem() throws {
        let shop = try shop()
        let codes = atOnce(20) { number in
            (try? shop.send(Self.order(1, as: "buyer\(number + 1)")).status.code) ?? 0
        }
        #expect(codes.filter { $0 == 201 }.count == 3)
        #expect(codes.filter { $0 == 409 }.count == 17)
        #expect(try statuses(in: shop) == ["cancelled", "paid", "paid", "paid"])
        #expect(try shop.breaches() == [])
    }
}
