import HTTP
import Storage
import TestShop
import Testing

/// Concurrent requests about the same units.
@Suite struct ReturnConcurrencyTests {
    private static func shop(_ steps: [Scenario.Step]) throws -> TestShop {
        let shop = try TestShop()
        for step in steps { try step.succeeds(in: shop) }
        for account in ["ada", "sami", "adil"] { _ = try shop.token(of: account) }
        return shop
    }

    @Test func fiftyRequestsOfOneUnitGiveOneReturn() throws {
        let shop = try Self.shop([CreateOrderTests.buy(1, 1), ShipmentTests.ship()])
        let tally = ConcurrencyTests.Tally()
        onThreads(50) { number in
            let account = number % 2 == 0 ? "ada" : "sami"
            tally.count { try shop.send(ReturnTests.request(as: account)) }
        }
        #expect(tally.all == ["201": 1, "409 return_exceeds_order": 49])
        #expect(try shop.breaches() == [])
    }

    /// Each of the two units is refunded once, by the return or by a refund.
    @Test func refundsNoUnitTwice() throws {
        for _ in 0..<10 {
            let shop = try Self.shop([
                CreateOrderTests.buy(1, 2), ShipmentTests.ship(), ReturnTests.request([(1, 2)]),
                ReturnTests.step("approve"),
            ])
            let tally = ConcurrencyTests.Tally()
            onThreads(12) { number in
                let account = number % 2 == 0 ? "sami" : "adil"
                let step: Scenario.Step =
                    switch number % 3 {
                    case 0: ReturnTests.step("receive", #"{"restock":true}"#, as: account)
                    case 1: RefundOrderTests.refund([(1, 1)])
                    default: RefundOrderTests.refund()
                    }
                tally.count { try shop.send(step) }
            }
            let order = try shop.send(.get, "/sales/1", as: "ada").json
            #expect(order["status"] == "refunded" && order["refunded"] == 500, "\(tally.all)")
            let wallet = try shop.send(.get, "/customers/ada/wallet", as: "ada").json
            #expect(wallet["balance"] == 100_000)
            #expect(try shop.breaches() == [])
        }
    }

    @Test func approvesOnceFromSixteenThreads() throws {
        let shop = try Self.shop(ReturnTests.requested)
        let tally = ConcurrencyTests.Tally()
        onThreads(16) { _ in tally.count { try shop.send(ReturnTests.step("approve")) } }
        #expect(tally.all == ["200": 1, "409 invalid_transition": 15])
        #expect(try shop.breaches() == [])
    }

    /// A return whose parcel is late is either received or declined.
    @Test func receivesOrDeclinesOnce() throws {
        for _ in 0..<5 {
            let shop = try Self.shop(ReturnTests.approved)
            let tally = ConcurrencyTests.Tally()
            onThreads(16) { number in
                tally.count {
                    try shop.send(number % 2 == 0 ? ReturnTests.receive() : ReturnTests.decline)
                }
            }
            #expect(tally.all == ["200": 1, "409 invalid_transition": 15])
            let order = try shop.send(.get, "/sales/1", as: "ada").json
            let isReceived = order["returns"]?.elements[0]["status"] == "received"
            #expect(order["refunded"] == .integer(isReceived ? 750 : 0))
            #expect(try shop.breaches() == [])
        }
    }
}
