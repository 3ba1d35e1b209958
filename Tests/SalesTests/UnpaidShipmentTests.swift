import TestShop
import Testing

/// Shipments and returns of orders that are paid to the carrier.
@Suite struct UnpaidShipmentTests {
    static let shipOne = ShipmentTests.ship([(2, 1)])
    static let returnOne = ReturnTests.request([(2, 1)])

    /// The status and the fulfillment of order 1 in the answer to a request.
    private static func expect(
        _ status: String, _ fulfillment: String, after step: Scenario.Step, in shop: TestShop
    ) throws {
        try Scenario(
            "", step, gives: 200,
            shows: #"{"status":"\#(status)","fulfillment_status":"\#(fulfillment)"}"#
        ).play(in: shop)
    }

    @Test func shipsInPartsBeforeItIsPaid() throws {
        let shop = try CashOnDeliveryTests.shop()
        try Self.expect("pending", "partial", after: Self.shipOne, in: shop)
        try Scenario("", CancelOrderTests.cancel, gives: 409, code: "invalid_transition")
            .play(in: shop)
        try Self.expect("shipped", "fulfilled", after: ShipmentTests.ship(), in: shop)
    }

    @Test func shipsTheRestAfterThePayment() throws {
        let shop = try CashOnDeliveryTests.shop()
        try Self.shipOne.succeeds(in: shop)
        try UnpaidOrderTests.book(8500, "cash").succeeds(in: shop)
        let read = Scenario.Step(.get, "/sales/1", as: "ada")
        try Self.expect("paid", "partial", after: read, in: shop)
        try Self.expect("shipped", "fulfilled", after: ShipmentTests.ship(), in: shop)
    }

    @Test func aPartThatNobodyPaidForComesBack() throws {
        let shop = try CashOnDeliveryTests.shop()
        let stock = try UnpaidOrderTests.stock(in: shop)
        try Self.shipOne.succeeds(in: shop)
        let cancel = Scenario.Step(.post, "/sales/1/cancel", as: "sami")
        try Self.expect("cancelled", "fulfilled", after: cancel, in: shop)
        #expect(try UnpaidOrderTests.stock(in: shop) == stock + 2)
    }

    /// Money that has not come is not refunded.
    @Test func refundsAReturnOnceTheOrderIsPaid() throws {
        let shop = try CashOnDeliveryTests.shop()
        for step in [ShipmentTests.ship(), Self.returnOne, ReturnTests.step("approve")] {
            try step.succeeds(in: shop)
        }
        try Scenario("", ReturnTests.receive(), gives: 409, code: "refund_exceeds_paid")
            .play(in: shop)
        try UnpaidOrderTests.book(8500, "cash").succeeds(in: shop)
        try Scenario("", ReturnTests.receive(), gives: 200, shows: #"{"status":"received"}"#)
            .play(in: shop)
        try Scenario(
            "", .init(.get, "/sales/1", as: "ada"), gives: 200,
            shows: #"{"payment_status":"partially_refunded","refunded":4000}"#
        ).play(in: shop)
    }
}
