import HTTP
import Storage
import TestShop
import Testing

/// Returns and withdrawals, from the request to the refund.
@Suite struct ReturnTests {
    static func request(
        _ items: [(product: Int, quantity: Int)] = [(1, 1)], _ rest: String = #""kind":"return""#,
        order: Int = 1, as account: String = "ada"
    ) -> Scenario.Step {
        let lines = items.map { #"{"product_id":\#($0.product),"quantity":\#($0.quantity)}"# }
        return .init(
            .post, "/sales/\(order)/returns", as: account,
            #"{"items":[\#(lines.joined(separator: ","))],\#(rest)}"#)
    }

    static func step(
        _ action: String, _ body: String? = nil, number: Int = 1, order: Int = 1,
        as account: String = "sami"
    ) -> Scenario.Step {
        .init(.post, "/sales/\(order)/returns/\(number)/\(action)", as: account, body)
    }

    static let decline = step("decline", #"{"reason":"The seal is broken."}"#)

    static func receive(_ items: [(product: Int, quantity: Int)]? = nil, _ rest: String = "")
        -> Scenario.Step
    {
        let lines = items?.map { #"{"product_id":\#($0.product),"quantity":\#($0.quantity)}"# }
        let list = lines.map { #""items":[\#($0.joined(separator: ","))],"# } ?? ""
        return step("receive", #"{\#(list)"restock":true\#(rest)}"#)
    }

    /// Four pens and a lamp, shipped.
    static let shipped = [RefundOrderTests.buyBoth, ShipmentTests.ship()]
    static let requested = shipped + [request([(1, 3)])]
    static let approved = requested + [step("approve")]

    private static let requests = [
        Scenario(
            "requests a return", after: shipped,
            request([(2, 1), (1, 2)], #""kind":"return","reason":"too blue""#), gives: 201,
            shows: #"""
                {"id":1,"order_id":1,"kind":"return","status":"requested",\#
                "items":[{"product_id":1,"quantity":2,"received_quantity":0},\#
                {"product_id":2,"quantity":1}],"reason":"too blue","decline_reason":null,\#
                "created_at":"2026-11-18T11:06:40.000Z","decided_at":null,"received_at":null}
                """#, fields: ["Location": "/sales/1/returns/1"]),
        Scenario(
            "withdraws without a reason", after: shipped,
            request([(1, 1)], #""kind":"withdrawal""#), gives: 201,
            shows: #"{"kind":"withdrawal","reason":null}"#),
        Scenario(
            "requests for a customer", after: shipped, request(as: "sami"), gives: 201,
            shows: #"{"id":1}"#),
        Scenario(
            "requests the rest of a partly shipped order",
            after: [RefundOrderTests.buyBoth, ShipmentTests.ship([(1, 2)]), request()],
            request(), gives: 201, shows: #"{"id":2}"#),
        Scenario(
            "requests units of a declined return again", after: requested + [decline],
            request([(1, 4)]), gives: 201, shows: #"{"id":2}"#),
        Scenario(
            "rejects what was not shipped",
            after: [RefundOrderTests.buyBoth, ShipmentTests.ship([(1, 2)])],
            request([(2, 1), (1, 2), (3, 1)]), gives: 409, code: "return_exceeds_order",
            shows: #"{"errors":[{"field":"items[0].quantity"},{"field":"items[2].quantity"}]}"#),
        Scenario(
            "rejects units of another open return", after: requested, request([(1, 2)]),
            gives: 409, code: "return_exceeds_order"),
        Scenario(
            "rejects refunded units", after: shipped + [RefundOrderTests.refund([(1, 4)])],
            request(), gives: 409, code: "return_exceeds_order"),
        Scenario(
            "hides the orders of others", after: shipped, request(as: "ben"), gives: 404,
            code: "order_not_found"),
        Scenario(
            "names every fault", after: shipped,
            .init(
                .post, "/sales/1/returns", as: "ada",
                #"{"items":[],"kind":"gift","reason":"","note":1}"#), gives: 422,
            code: "invalid_request",
            shows: #"""
                {"errors":[{"field":"items"},{"field":"kind"},{"field":"reason"},{"field":"note"}]}
                """#),
    ]

    private static let decisions = [
        Scenario(
            "approves", after: requested, step("approve"), gives: 200,
            shows: #"{"status":"approved","decided_at":"2026-11-18T11:06:40.000Z"}"#),
        Scenario(
            "declines with a reason", after: requested, decline, gives: 200,
            shows: #"{"status":"declined","decline_reason":"The seal is broken."}"#),
        Scenario(
            "requires a reason to decline", after: requested, step("decline", "{}"), gives: 422,
            code: "invalid_request"),
        Scenario(
            "approves once", after: approved, step("approve"), gives: 409,
            code: "invalid_transition",
            shows: #"""
                {"detail":"The return is approved. \#
                Only a return that is requested can become approved."}
                """#),
        Scenario(
            "declines an approved return whose units did not arrive", after: approved, decline,
            gives: 200,
            shows: #"{"status":"declined","decline_reason":"The seal is broken."}"#),
        Scenario(
            "requests units of an approved return again after it was declined",
            after: approved + [decline], request([(1, 4)]), gives: 201, shows: #"{"id":2}"#),
        Scenario(
            "declines an approved return whose units were refunded otherwise",
            after: approved + [RefundOrderTests.refund([(1, 4)])], decline, gives: 200,
            shows: #"{"status":"declined"}"#),
        Scenario(
            "declines once", after: approved + [decline], decline, gives: 409,
            code: "invalid_transition",
            shows: #"""
                {"detail":"The return is declined. \#
                Only a return that is requested or approved can become declined."}
                """#),
        Scenario(
            "declines no received return", after: approved + [receive()], decline, gives: 409,
            code: "invalid_transition"),
        Scenario(
            "approves no declined return", after: requested + [decline], step("approve"),
            gives: 409, code: "invalid_transition"),
        Scenario(
            "receives no declined return", after: approved + [decline], receive(), gives: 409,
            code: "invalid_transition"),
        Scenario(
            "receives no requested return", after: requested, receive(), gives: 409,
            code: "invalid_transition"),
        Scenario(
            "rejects an unknown number", after: requested, step("approve", number: 2), gives: 404,
            code: "return_not_found"),
        Scenario(
            "decides on no return of their own",
            after: [
                .init(.post, "/customers/sami/wallet/credit", as: "adil", #"{"amount":250}"#),
                CreateOrderTests.buy(1, 1, as: "sami"),
                .init(.post, "/sales/1/ship", as: "adil"), request(as: "sami"),
            ], step("approve"), gives: 403, code: "own_account"),
    ]

    private static let receipts = [
        Scenario(
            "receives everything", after: approved, receive(), gives: 200,
            shows: #"""
                {"status":"received","received_at":"2026-11-18T11:06:40.000Z",\#
                "items":[{"product_id":1,"quantity":3,"received_quantity":3}]}
                """#),
        Scenario(
            "receives fewer units, and the rest again", after: approved + [receive([(1, 1)])],
            request([(1, 3)]), gives: 201, shows: #"{"id":2}"#),
        Scenario(
            "rejects more than was requested", after: approved, receive([(1, 4), (2, 1)]),
            gives: 409, code: "return_exceeds_order",
            shows: #"{"errors":[{"field":"items[0].quantity"},{"field":"items[1].quantity"}]}"#),
        Scenario(
            "rejects units that were refunded since",
            after: approved + [RefundOrderTests.refund([(1, 2)])], receive(), gives: 409,
            code: "return_exceeds_order"),
        Scenario(
            "receives the units that were not refunded since",
            after: approved + [RefundOrderTests.refund([(1, 2)])], receive([(1, 2)]), gives: 200,
            shows: #"{"status":"received"}"#),
        Scenario(
            "receives once", after: approved + [receive([(1, 1)])], receive([(1, 1)]), gives: 409,
            code: "invalid_transition"),
        Scenario(
            "shows the order after a return", after: approved + [receive()],
            .init(.get, "/sales/1", as: "ada"), gives: 200,
            shows: #"""
                {"status":"shipped","payment_status":"partially_refunded","refunded":750,\#
                "items":[{"shipped_quantity":4,"refunded_quantity":3,"returned_quantity":3},\#
                {"returned_quantity":0}],"returns":[{"id":1,"status":"received"}],\#
                "timeline":[{},{},{"status":"refunded","amount":750,"reason":"Return 1"}]}
                """#),
        Scenario(
            "keeps unshipped units to ship",
            after: [
                RefundOrderTests.buyBoth, ShipmentTests.ship([(1, 4)]), request([(1, 4)]),
                step("approve"), receive(),
            ], .init(.get, "/sales/1", as: "ada"), gives: 200,
            shows: #"{"status":"paid","fulfillment_status":"partial"}"#),
    ]

    private static let reads = [
        Scenario(
            "lists the returns of an order", after: requested + [request()],
            .init(.get, "/sales/1/returns", as: "ada"), gives: 200,
            shows: #"{"data":[{"id":1},{"id":2}]}"#),
        Scenario(
            "lists all returns for staff", after: approved + [request()],
            .init(.get, "/sales/returns?status=approved", as: "sami"), gives: 200,
            shows: #"{"data":[{"order_id":1,"id":1,"status":"approved"}],"next":null}"#),
        Scenario(
            "reads one", after: requested, .init(.get, "/sales/1/returns/1", as: "ada"), gives: 200,
            shows: #"{"id":1,"status":"requested"}"#),
        Scenario(
            "reads no unknown one", after: requested, .init(.get, "/sales/1/returns/2", as: "ada"),
            gives: 404, code: "return_not_found"),
        Scenario(
            "hides the returns of others", after: requested,
            .init(.get, "/sales/1/returns", as: "ben"), gives: 404, code: "order_not_found"),
    ]

    static let rows =
        requests + decisions + receipts + reads
        + .closed(to: "ada", "ben", "mona", by: .get, "/sales/returns")
        + .closed(to: "ada", "ben", "mona", by: .post, "/sales/1/returns/1/approve")

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    /// The period includes the whole last day; 0 days end it with the delivery.
    @Test(arguments: [(14, 14, 201), (14, 15, 409), (0, 0, 409), (1, 1, 201), (1, 2, 409)])
    func endsWithThePeriod(days: Int64, passed: Int64, status: Int) throws {
        let shop = try TestShop(returnDays: days)
        for step in Self.shipped + [Self.request(), AdvanceOrderTests.step("deliver")] {
            try step.succeeds(in: shop)
        }
        // To the last second of a day, from 11:06:40.
        shop.clock.pass(seconds: passed * 86_400 + 46_399)
        shop.forgetTokens()
        let code = status == 201 ? nil : "return_period_over"
        try Scenario("", Self.request(), gives: status, code: code).play(in: shop)
        // A return that was requested in time is decided later.
        try Self.step("approve").succeeds(in: shop)
    }

    /// A withdrawal from the whole order pays shipping back; a return does if staff say so.
    @Test(arguments: [
        ("withdrawal", "", true), ("return", "", false), ("return", #","shipping":true"#, true),
        ("withdrawal", #","shipping":false"#, false),
    ]) func refundsShipping(kind: String, rest: String, isRefunded: Bool) throws {
        let shop = try TestShop()
        try Scenario.Step(
            .post, "/sales/shipping-methods", as: "sami", #"{"name":"Letter","price":190}"#
        ).succeeds(in: shop)
        let address = #"{"name":"A","lines":["1 Main St"],"city":"York","country":"GB"}"#
        try Scenario.Step(
            .post, "/sales", as: "ada",
            #"""
            {"items":[{"product_id":1,"quantity":1}],"shipping_method":1,\#
            "shipping_address":\#(address)}
            """#
        ).succeeds(in: shop)
        for step in [
            ShipmentTests.ship(), Self.request([(1, 1)], #""kind":"\#(kind)""#),
            Self.step("approve"), Self.receive(nil, rest),
        ] { try step.succeeds(in: shop) }
        let order = try shop.send(.get, "/sales/1", as: "ada").json
        #expect(order["status"] == "refunded")
        #expect(order["refunded"] == .integer(isRefunded ? 440 : 250))
        #expect(try shop.breaches() == [])
    }

    @Test func auditsTheUseOfRights() throws {
        let shop = try TestShop()
        for step in Self.approved + [Self.receive(), Self.request(as: "sami")] {
            try step.succeeds(in: shop)
        }
        let entries = try shop.send(.get, "/customers/audit", as: "adil").json["data"]?.elements
        #expect(
            entries?.map { $0["action"] } == [
                "requested_return", "received_return", "approved_return", "shipped_order",
            ])
        #expect(entries?[0]["subject"] == "/sales/1/returns/2" && entries?[0]["after"] == "return")
        #expect(entries?[1]["after"] == "750")
        #expect(entries?[2]["before"] == "requested" && entries?[2]["after"] == "approved")
    }

    @Test func limitsTheReturnsOfAnOrder() throws {
        let shop = try TestShop()
        for step in Self.shipped { try step.succeeds(in: shop) }
        for number in 1...100 {
            try Self.request().succeeds(in: shop)
            try Self.step("decline", #"{"reason":"no"}"#, number: number).succeeds(in: shop)
        }
        try Scenario("", Self.request(), gives: 409, code: "too_many_returns").play(in: shop)
    }
}
