import HTTP
import TestShop
import Testing

/// A review is a verified purchase if its author has kept a unit.
@Suite struct VerifiedPurchaseTests {
    private static func buy(_ quantity: Int = 1) -> Scenario.Step {
        .init(
            .post, "/sales", as: "ada",
            #"{"items":[{"product_id":1,"quantity":\#(quantity)},{"product_id":2,"quantity":1}]}"#)
    }

    private static func refund(_ order: Int, _ product: Int, _ quantity: Int) -> Scenario.Step {
        let item = #"{"product_id":\#(product),"quantity":\#(quantity)}"#
        return .init(
            .post, "/sales/\(order)/refund", as: "sami",
            #"{"items":[\#(item)],"restock":true,"reason":"broken"}"#)
    }

    private static let review = Scenario.Step(
        .post, "/reviews", as: "ada", #"{"product_id":1,"rating":5}"#)
    private static let cancel = Scenario.Step(.post, "/sales/1/cancel", as: "ada")

    static let rows: [(steps: [Scenario.Step], isVerified: Bool)] = [
        ([buy(), review], true),
        ([buy(), review, cancel], false),
        ([buy(), review, refund(1, 1, 1)], false),
        ([buy(), review, refund(1, 2, 1)], true),
        ([buy(2), review, refund(1, 1, 1)], true),
        ([buy(2), review, refund(1, 1, 1), refund(1, 1, 1)], false),
        ([buy(), buy(), review, cancel], true),
        ([buy(), refund(1, 1, 1), review], false),
        (
            [
                buy(), review, cancel, buy(),
                .init(.patch, "/reviews/1", as: "ada", #"{"rating":4}"#),
            ], true
        ),
    ]

    @Test(arguments: rows.indices) func survivesOnlyWithAUnitKept(index: Int) throws {
        let (steps, isVerified) = Self.rows[index]
        let shop = try TestShop()
        for step in steps { try step.succeeds(in: shop) }
        let review = try shop.send(.get, "/reviews/1", as: "ada").json
        #expect(review["verified_purchase"] == .bool(isVerified))
        #expect(try shop.breaches() == [])
    }

    @Test func checkFindsOneWithoutAPurchase() throws {
        let shop = try TestShop()
        try Self.review.succeeds(in: shop)
        _ = try shop.store.write { try $0.run("UPDATE reviews SET verified_purchase = 1") }
        #expect(try shop.breaches().count == 1)
    }
}
