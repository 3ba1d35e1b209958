import HTTP
import Storage
import TestShop
import Testing

/// Shipments of parts of an order, and their correction.
@Suite struct ShipmentTests {
    static func ship(_ body: String? = nil, order: Int = 1) -> Scenario.Step {
        .init(.post, "/sales/\(order)/ship", as: "sami", body)
    }

    /// A shipment of these units of order 1.
    static func ship(_ items: [(product: Int, quantity: Int64)], order: Int = 1) -> Scenario.Step {
        let lines = items.map { #"{"product_id":\#($0.product),"quantity":\#($0.quantity)}"# }
        return ship(#"{"items":[\#(lines.joined(separator: ","))]}"#, order: order)
    }

    static func correct(_ body: String, number: String = "1", as account: String = "sami")
        -> Scenario.Step
    {
        .init(.patch, "/sales/1/shipments/\(number)", as: account, body)
    }

    static let buyBoth = RefundOrderTests.buyBoth
    static let tracked = #"""
        {"carrier":"Post","tracking_number":"RR1","tracking_url":"https://post.example/RR1"}
        """#

    private static let shipments = [
        Scenario(
            "ships a part", after: [buyBoth], ship([(1, 3)]), gives: 200,
            shows: #"""
                {"status":"paid","payment_status":"paid","fulfillment_status":"partial",\#
                "items":[{"product_id":1,"quantity":4,"shipped_quantity":3},\#
                {"product_id":2,"shipped_quantity":0}],\#
                "shipments":[{"n":1,"items":[{"product_id":1,"quantity":3}],"carrier":null,\#
                "tracking_number":null,"tracking_url":null,\#
                "created_at":"2026-11-18T11:06:40.000Z"}],"delivered_at":null,\#
                "timeline":[{"status":"paid"},{"status":"shipped","actor":"sami"}]}
                """#),
        Scenario(
            "ships the rest without items", after: [buyBoth, ship([(2, 1), (1, 1)])],
            ship(tracked), gives: 200,
            shows: #"""
                {"status":"shipped","fulfillment_status":"fulfilled",\#
                "shipments":[{"n":1,"items":[{"product_id":1,"quantity":1},\#
                {"product_id":2,"quantity":1}]},{"n":2,"items":[{"product_id":1,"quantity":3}],\#
                "carrier":"Post","tracking_number":"RR1",\#
                "tracking_url":"https://post.example/RR1"}]}
                """#),
        Scenario(
            "ships the last units by name", after: [buyBoth, ship([(1, 4)])], ship([(2, 1)]),
            gives: 200, shows: #"{"status":"shipped","shipments":[{"n":1},{"n":2}]}"#),
        Scenario(
            "leaves out refunded units", after: [buyBoth, RefundOrderTests.refund([(1, 1)])],
            ship(), gives: 200,
            shows: #"""
                {"status":"shipped","shipments":[{"items":[{"product_id":1,"quantity":3},\#
                {"product_id":2,"quantity":1}]}]}
                """#),
        Scenario(
            "is shipped when the rest is refunded", after: [buyBoth, ship([(1, 4)])],
            RefundOrderTests.refund([(2, 1)]), gives: 200,
            shows: #"{"status":"shipped","fulfillment_status":"fulfilled","refunded":4000}"#),
        Scenario(
            "stays partly shipped when a part of the rest is refunded",
            after: [buyBoth, ship([(1, 1)])], RefundOrderTests.refund([(1, 3)]), gives: 200,
            shows: #"{"status":"paid","fulfillment_status":"partial"}"#),
        Scenario(
            "is refunded when all of a partly shipped order is refunded",
            after: [buyBoth, ship([(1, 1)])], RefundOrderTests.refund(), gives: 200,
            shows: #"{"status":"refunded","fulfillment_status":"fulfilled"}"#),
        Scenario(
            "refunds units that are shipped", after: [buyBoth, ship()],
            RefundOrderTests.refund([(1, 4)]), gives: 200,
            shows:
                #"{"status":"shipped","items":[{"shipped_quantity":4,"refunded_quantity":4},{}]}"#),
        Scenario(
            "delivers with a time", after: [buyBoth, ship()], AdvanceOrderTests.step("deliver"),
            gives: 200,
            shows: #"{"status":"delivered","delivered_at":"2026-11-18T11:06:40.000Z"}"#),
    ]

    private static let refusals = [
        Scenario(
            "rejects every line beyond what is left", after: [buyBoth, ship([(1, 2)])],
            ship([(1, 3), (2, 1), (3, 1)]), gives: 409, code: "shipment_exceeds_order",
            shows: #"{"errors":[{"field":"items[0].quantity"},{"field":"items[2].quantity"}]}"#),
        Scenario(
            "rejects refunded units", after: [buyBoth, RefundOrderTests.refund([(2, 1)])],
            ship([(2, 1)]), gives: 409, code: "shipment_exceeds_order"),
        Scenario(
            "rejects a line named twice", after: [buyBoth], ship([(1, 1), (1, 1)]), gives: 422,
            code: "invalid_request"),
        Scenario(
            "rejects a list without lines", after: [buyBoth], ship([]), gives: 422,
            code: "invalid_request"),
        Scenario(
            "rejects a second delivery of everything", after: [buyBoth, ship()], ship([(1, 1)]),
            gives: 409, code: "invalid_transition"),
        Scenario(
            "rejects the delivery of a part", after: [buyBoth, ship([(1, 1)])],
            AdvanceOrderTests.step("deliver"), gives: 409, code: "invalid_transition"),
        Scenario(
            "rejects the cancellation of a partly shipped order", after: [buyBoth, ship([(1, 1)])],
            CancelOrderTests.cancel, gives: 409, code: "invalid_transition",
            shows: #"{"detail":"A part of the order was shipped. Staff can refund the rest."}"#),
        Scenario(
            "names every fault", after: [buyBoth],
            ship(
                #"""
                {"items":[{"product_id":0}],"carrier":"","tracking_number":1,\#
                "tracking_url":"javascript:alert(1)","note":"x"}
                """#), gives: 422, code: "invalid_request",
            shows: #"""
                {"errors":[{"field":"items[0].product_id"},{"field":"items[0].quantity"},\#
                {"field":"carrier"},{"field":"tracking_number"},{"field":"tracking_url"},\#
                {"field":"note"}]}
                """#),
    ]

    private static let corrections = [
        Scenario(
            "corrects some fields", after: [buyBoth, ship(tracked)],
            correct(#"{"tracking_number":"RR2","tracking_url":null}"#), gives: 200,
            shows: #"""
                {"id":1,"shipments":[{"n":1,"carrier":"Post","tracking_number":"RR2",\#
                "tracking_url":null}]}
                """#),
        Scenario(
            "corrects nothing", after: [buyBoth, ship(tracked)], correct("{}"), gives: 200,
            shows: #"{"shipments":[{"tracking_number":"RR1"}]}"#),
        Scenario(
            "does not change units", after: [buyBoth, ship()],
            correct(#"{"items":[{"product_id":1,"quantity":1}]}"#), gives: 422,
            code: "invalid_request"),
        Scenario(
            "rejects an unknown number", after: [buyBoth, ship()], correct("{}", number: "2"),
            gives: 404, code: "shipment_not_found"),
        Scenario(
            "rejects an invalid number", after: [buyBoth, ship()], correct("{}", number: "01"),
            gives: 404, code: "not_found"),
        Scenario(
            "rejects an order without shipments", after: [buyBoth], correct("{}"), gives: 404,
            code: "shipment_not_found"),
        Scenario(
            "rejects a stale version", after: [buyBoth, ship()],
            .init(
                .patch, "/sales/1/shipments/1", as: "sami", "{}", fields: [.ifMatch: #""x""#]),
            gives: 412, code: "precondition_failed"),
    ]

    static let rows =
        shipments + refusals + corrections
        + .closed(to: "ada", "ben", "mona", by: .patch, "/sales/1/shipments/1")

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    /// Lines that require no shipping do not keep an order from being shipped.
    @Test func needsNoShipmentOfLinesWithoutShipping() throws {
        let shop = try TestShop()
        let digital = #"{"requires_shipping":false}"#
        try Scenario.Step(.patch, "/inventory/2", as: "sami", digital).succeeds(in: shop)
        try Self.buyBoth.succeeds(in: shop)
        let shipped = try Self.ship([(1, 4)]).succeeds(in: shop).json
        #expect(shipped["status"] == "shipped" && shipped["fulfillment_status"] == "fulfilled")
        try CreateOrderTests.buy(2, 2).succeeds(in: shop)
        let unsent = try Self.ship(order: 2).succeeds(in: shop).json
        #expect(unsent["status"] == "shipped")
        #expect(unsent["shipments"]?[0]?["items"]?[0]?["quantity"] == 2)
        #expect(try shop.breaches() == [])
    }

    @Test func auditsWithoutTrackingNumbers() throws {
        let shop = try TestShop()
        for step in [Self.buyBoth, Self.ship([(1, 1)]), Self.correct(Self.tracked)] {
            try step.succeeds(in: shop)
        }
        let entries = try shop.send(.get, "/customers/audit", as: "adil").json["data"]
        #expect(entries?[0]?["action"] == "changed_shipment")
        #expect(entries?[0]?["subject"] == "/sales/1/shipments/1")
        #expect(entries?[0]?["after"] == "carrier tracking_number tracking_url")
        #expect(entries?[1]?["action"] == "shipped_order")
        #expect(entries?[1]?["before"] == "paid" && entries?[1]?["after"] == "paid")
    }

    @Test func limitsTheShipmentsOfAnOrder() throws {
        let shop = try TestShop()
        let stock = #"{"delta":101,"reason":"a box"}"#
        try Scenario.Step(.post, "/inventory/1/stock", as: "sami", stock).succeeds(in: shop)
        try CreateOrderTests.buy(1, 102).succeeds(in: shop)
        for _ in 0..<100 { try Self.ship([(1, 1)]).succeeds(in: shop) }
        try Scenario("", Self.ship(), gives: 409, code: "too_many_shipments").play(in: shop)
    }

    /// Concurrent shipments ship each unit once.
    @Test func shipsEachUnitOnceFromSixteenThreads() throws {
        let shop = try TestShop()
        try ConcurrencyTests.race(threads: 16, pens: 5, in: shop) { order, _ in
            Self.ship([(1, 1)], order: order)
        } check: { responses throws in
            #expect(responses["200"] == 5, "\(responses)")
            let others = Set(responses.keys).subtracting(["200"])
            #expect(others.isSubset(of: ["409 invalid_transition", "409 shipment_exceeds_order"]))
            try shop.send(.post, "/inventory/1/stock", as: "sami", #"{"delta":5,"reason":"box"}"#)
                .expectCreated()
        }
        let numbers: Int64 = try shop.value(
            "SELECT COUNT(*) AS value FROM shipments WHERE number > 5")
        #expect(numbers == 0)
        #expect(try shop.breaches() == [])
    }

    @Test func shipsOrRefundsEachUnitAtOnce() throws {
        let shop = try TestShop()
        try ConcurrencyTests.race(threads: 12, pens: 4, in: shop) { order, thread in
            switch thread % 3 {
            case 0: Self.ship([(1, 1)], order: order)
            case 1: RefundOrderTests.refund([(1, 1)], restock: true, order: order)
            default: .init(.post, "/sales/\(order)/cancel", as: "ada")
            }
        } check: { _ in
            #expect(try shop.breaches() == [])
            try shop.send(.post, "/inventory/1/stock", as: "sami", #"{"delta":5,"reason":"box"}"#)
                .expectCreated()
        }
    }
}

extension Response {
    fileprivate func expectCreated() {
        #expect(status.code == 201, "\(text)")
    }
}
