import HTTP
import Storage
import TestShop
import Testing

@testable import Sales

/// Daily sums stay within 64 bits.
///
/// Reports work even if an operator changed the sums by hand.
@Suite struct SumLimitTests {
    /// A shop in which ada can buy and cancel for 10^15 as often as she likes.
    private func shop() throws -> TestShop {
        let shop = try TestShop()
        try shop.addCustomers(["croesus"], balance: 1_000_000_000_000_000)
        let body = #"{"name":"moon","category":"c","price":100000000000,"stock":30000}"#
        _ = try shop.send(.post, "/inventory", as: "sami", body)
        return shop
    }

    private let dear = CreateOrderTests.buy(3, 10_000, as: "croesus")

    private func setSums(_ shop: TestShop, gross: Int64, refunded: Int64) throws {
        try shop.store.write { tx in
            try updateSalesTotals(in: tx)
            try tx.run("UPDATE sales_by_day SET gross = \(gross), refunded = \(refunded)")
            try tx.run("UPDATE sales_by_day_and_product SET gross = \(gross)")
        }
    }

    @Test(arguments: [(4_000_000_000_000_000_000, 0), (0, 4_000_000_000_000_000_000)])
    func aDayTakesNoMoreThanCanBeAdded(gross: Int64, refunded: Int64) throws {
        let shop = try shop()
        #expect(try shop.send(dear).status.code == 201)
        try setSums(shop, gross: max(0, gross - 1), refunded: max(0, refunded - 1))
        #expect(try shop.send(.post, "/sales/1/cancel", as: "croesus").status.code == 200)
        try setSums(shop, gross: max(0, gross - 1), refunded: max(0, refunded - 1))
        #expect(try shop.send(dear).status.code == 201)
        try setSums(shop, gross: gross, refunded: refunded)
        let cancel = Scenario.Step(.post, "/sales/2/cancel", as: "croesus")
        for request in [dear, cancel] {
            let refusal = try shop.send(request)
            #expect(refusal.status.code == 409)
            #expect(try refusal.json["code"] == "day_full")
        }
        // Small orders cannot reach the rest of the 64-bit range, and the next day starts at zero.
        #expect(try shop.send(CreateOrderTests.buy(1, 1)).status.code == 201)
        shop.clock.pass(seconds: 86_400)
        shop.forgetTokens()
        #expect(try shop.send(cancel).status.code == 200)
    }

    @Test func reportsStayAtTheBound() throws {
        let shop = try shop()
        #expect(try shop.send(dear).status.code == 201)
        try setSums(shop, gross: .max, refunded: .max)
        #expect(try shop.send(CreateOrderTests.buy(1, 1)).status.code == 201)
        for _ in 0..<2 {
            let day = try shop.send(.get, ReportsTests.daily, as: "sami").json["data"]?[0]
            #expect(day?["gross"] == .integer(.max) && day?["refunded"] == .integer(.max))
            #expect(day?["net"] == 0)
            let top = try shop.send(.get, ReportsTests.top, as: "sami").json["data"]?[0]
            #expect(top?["gross"] == .integer(.max))
            // The same after the new order has been added to the stored sums.
            try shop.store.write { try updateSalesTotals(in: $0) }
        }
        #expect(try shop.breaches().contains { $0.contains("day ") })
    }

    /// The total of a day may exceed the limits of a wallet and of an order.
    @Test func addsUpBeyondWhatOneOrderMayCost() throws {
        let shop = try TestShop()
        let names = ["croesus", "crassus", "fugger"]
        try shop.addCustomers(names, balance: 1_000_000_000_000_000)
        let body = #"{"name":"moon","category":"c","price":100000000000,"stock":30000}"#
        _ = try shop.send(.post, "/inventory", as: "sami", body)
        for name in names {
            #expect(try shop.send(CreateOrderTests.buy(3, 10_000, as: name)).status.code == 201)
        }
        _ = try shop.send(.post, "/sales/1/cancel", as: "sami")
        let day = try shop.send(.get, ReportsTests.daily, as: "sami").json["data"]?[0]
        #expect(day?["gross"] == 3_000_000_000_000_000)
        #expect(day?["refunded"] == 1_000_000_000_000_000)
        #expect(day?["net"] == 2_000_000_000_000_000)
        let top = try shop.send(.get, ReportsTests.top, as: "sami").json["data"]?[0]
        #expect(top?["gross"] == 3_000_000_000_000_000)
        #expect(try shop.breaches() == [])
    }
}
