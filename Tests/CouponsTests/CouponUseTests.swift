import Customers
import HTTP
import Storage
import TestShop
import Testing
import Values

@testable import Coupons

/// How orders use coupons.
@Suite struct CouponUseTests {
    private static let pens = CouponLine(product: 1, category: "paper", total: money(1000))
    private static let lamp = CouponLine(product: 2, category: "light", total: money(4000))

    private func shop(_ terms: String) throws -> TestShop {
        let shop = try TestShop()
        try CouponTests.create(#"{"code":"SAVE",\#(terms)}"#).succeeds(in: shop)
        return shop
    }

    private func discount(
        _ shop: TestShop, on lines: [CouponLine] = [pens, lamp], for customer: Int64? = 1
    ) throws -> CouponDiscount {
        try shop.store.write {
            try couponDiscount("save", on: lines, for: customer, at: shop.clock.now, in: $0)
        }
    }

    @discardableResult
    private func use(_ shop: TestShop, for order: Int64, by customer: Int64? = 1) throws
        -> CouponDiscount
    {
        let now = shop.clock.now
        return try shop.store.write { tx in
            let found = try couponDiscount(
                "SAVE", on: [Self.pens], for: customer, at: now, in: tx)
            try useCoupon(found, for: order, by: customer, at: now, in: tx)
            return found
        }
    }

    private func giveBack(_ shop: TestShop, _ order: Int64) throws {
        let now = shop.clock.now
        try shop.store.write { try giveBackCoupon(of: order, at: now, in: $0) }
    }

    /// What the check finds of coupons; the orders of these tests do not exist.
    private func breaches(_ shop: TestShop) throws -> [String] {
        try shop.breaches().filter { !$0.hasPrefix("order ") }
    }

    private func uses(_ shop: TestShop) throws -> Int64 {
        try shop.value("SELECT uses AS value FROM coupons")
    }

    @Test(
        "discounts of lines of 1000 and 4000",
        arguments: [
            (#""kind":"percent","value":1000"#, [100, 400]),
            (#""kind":"percent","value":10000"#, [1000, 4000]),
            (#""kind":"percent","value":1"#, [0, 1]),
            (#""kind":"amount","value":3"#, [1, 2]),
            (#""kind":"amount","value":100000"#, [1000, 4000]),
            (#""kind":"free_shipping""#, [0, 0]),
            (#""kind":"amount","value":500,"categories":["paper"]"#, [500, 0]),
            (#""kind":"amount","value":5000,"product_ids":[1]"#, [1000, 0]),
            (
                #""kind":"percent","value":5000,"product_ids":[1],"categories":["light"]"#,
                [500, 2000]
            ),
            (#""kind":"percent","value":5000,"product_ids":[2],"min_subtotal":5000"#, [0, 2000]),
        ] as [(String, [Int64])])
    func reducesLines(terms: String, expected: [Int64]) throws {
        let found = try discount(try shop(terms))
        #expect(found.discounts.map(\.minorUnits) == expected)
        #expect(found.isShippingFree == terms.contains("free_shipping"))
        #expect(found.code == "SAVE")
    }

    private func reason(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch let problem as Problem {
            #expect(problem.code == "coupon_invalid")
            return problem.faults.first?.message
        } catch {
            return "\(error)"
        }
    }

    @Test func tellsWhyItDoesNotApply() throws {
        let toys = try shop(#""kind":"percent","value":1,"categories":["toys"]"#)
        #expect(reason { _ = try discount(toys) } == "applies to none of the products")
        let dear = try shop(#""kind":"percent","value":1,"min_subtotal":5001"#)
        #expect(reason { _ = try discount(dear) } == "requires a subtotal of at least 5001")
        let once = try shop(#""kind":"percent","value":1,"max_uses_per_customer":1"#)
        #expect(reason { _ = try discount(once, for: nil) } == "requires an account")
        try use(once, for: 7)
        #expect(
            reason { _ = try discount(once) } == "was used as often as a customer may use it")
        #expect(reason { _ = try discount(once, for: 2) } == nil)
        let one = try shop(#""kind":"percent","value":1,"max_uses":1"#)
        try use(one, for: 7, by: nil)
        #expect(reason { _ = try discount(one) } == "was used as often as it may be")
        try Scenario.Step(.delete, "/sales/coupons/SAVE", as: "sami").succeeds(in: one)
        #expect(reason { _ = try discount(one) } == "is unknown")
    }

    @Test func givesAUseBackOnce() throws {
        let shop = try shop(#""kind":"amount","value":1,"max_uses":2,"max_uses_per_customer":1"#)
        try use(shop, for: 7)
        try use(shop, for: 8, by: 2)
        #expect(try uses(shop) == 2)
        for _ in 1...3 { try giveBack(shop, 7) }
        try giveBack(shop, 99)
        #expect(try uses(shop) == 1)
        try use(shop, for: 9)
        #expect(try uses(shop) == 2)
        #expect(try breaches(shop) == [])
        try shop.store.write { try $0.run("UPDATE coupons SET uses = 5") }
        #expect(try shop.breaches().contains { $0.contains("coupon 1 counts 5 uses") })
    }

    /// 200 buyers want a coupon with 50 uses at once; many give one of its uses back at once.
    @Test func twoHundredBuyersForFiftyUses() throws {
        let shop = try shop(#""kind":"amount","value":1,"max_uses":50"#)
        let used = atOnce(200) { number in
            reason { try use(shop, for: Int64(number + 1), by: nil) }
        }
        let winners = used.indices.filter { used[$0] == nil }
        #expect(winners.count == 50)
        #expect(used.count { $0 == "was used as often as it may be" } == 150)
        #expect(try uses(shop) == 50)
        let returned = winners.prefix(15)
        let faults = atOnce(60) { number in
            reason { try giveBack(shop, Int64(returned[number % 15] + 1)) }
        }
        #expect(faults.allSatisfy { $0 == nil })
        #expect(try uses(shop) == 35)
        #expect(try breaches(shop) == [])
    }

    @Test func fiveCustomersWithThreeUsesEach() throws {
        let shop = try shop(#""kind":"amount","value":1,"max_uses_per_customer":3"#)
        let used = atOnce(60) { number in
            reason { try use(shop, for: Int64(number + 1), by: Int64(number % 5 + 1)) }
        }
        #expect(used.count { $0 == nil } == 15)
        #expect(used.count { $0 == "was used as often as a customer may use it" } == 45)
        #expect(try uses(shop) == 15)
        #expect(try breaches(shop) == [])
    }

    @Test func exportsUses() throws {
        let shop = try shop(#""kind":"amount","value":1"#)
        let ben: Int64 = try shop.value("SELECT id AS value FROM customers WHERE username = 'ben'")
        try use(shop, for: 7, by: ben)
        let export = try shop.send(.get, "/customers/ben/export", as: "ben").json["coupon_uses"]
        #expect(export?[0]?["code"] == "SAVE" && export?[0]?["order_id"] == 7)
        #expect(export?[0]?["given_back_at"] == .null)
    }
}

/// The division of a discount among lines.
@Suite struct SpreadTests {
    @Test(
        arguments: [
            (100, [50, 50, 50], [34, 33, 33]), (1, [1, 1, 1], [1, 0, 0]), (0, [5, 0], [0, 0]),
            (5, [0, 5, 0], [0, 5, 0]), (2, [1, 1, 1], [1, 1, 0]), (0, [], []), (0, [0], [0]),
            (10, [1, 3, 6], [1, 3, 6]), (3, [1, 1, 4], [1, 0, 2]),
        ] as [(Int64, [Int64], [Int64])])
    func spreadsByLargestRemainder(amount: Int64, totals: [Int64], shares: [Int64]) {
        #expect(spread(money(amount), over: totals.map(money)).map(\.minorUnits) == shares)
    }

    /// For any lines the shares add up exactly, each is within one of its exact value, and none
    /// exceeds its line.
    @Test func sharesAddUp() {
        var random = SeededRandom(seed: SeededRandom.seed)
        for round in 0..<20_000 {
            let most = [3, 1000, 1_000_000_000_000_000][round % 3]
            let count = random.below(round % 10 == 0 ? 100 : 6) + 1
            let totals = (0..<count).map { _ in Int64(random.below(most + 1)) }
            let sum = totals.reduce(0, +)
            let amount = Int64(random.below(Int(sum) + 1))
            let shares = spread(money(amount), over: totals.map(money)).map(\.minorUnits)
            #expect(shares.reduce(0, +) == amount)
            for (share, total) in zip(shares, totals) {
                #expect(share >= 0 && share <= total)
                // |share · sum − amount · total| < sum
                let difference = Int128(share) * Int128(sum) - Int128(amount) * Int128(total)
                #expect(sum == 0 || difference.magnitude < Int128(sum).magnitude)
            }
        }
    }

    /// A share of the largest amount does not overflow, and is rounded half up.
    @Test(
        arguments: [
            (1_000_000_000_000_000, 10_000, 1_000_000_000_000_000), (5, 1000, 1), (4, 1000, 0),
            (1, 5000, 1), (999_999_999_999_999, 1, 100_000_000_000),
        ] as [(Int64, Int64, Int64)])
    func roundsHalfUp(base: Int64, basisPoints: Int64, expected: Int64) {
        let terms = CouponTerms(kind: .percent, value: basisPoints)
        #expect(terms.discount(on: money(base)).minorUnits == expected)
    }
}

private func money(_ minorUnits: Int64) -> Money { Money(minorUnits: minorUnits) }
