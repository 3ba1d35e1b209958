import HTTP
import TestShop
import Testing

@Suite struct AdvanceOrderTests {
    static let buy = CreateOrderTests.buy(1, 2)

    static func step(_ name: String) -> Scenario.Step {
        .init(.post, "/sales/1/\(name)", as: "sami")
    }

    /// The requests that bring an order to each status.
    static let ways: [(status: String, steps: [Scenario.Step])] = [
        ("paid", [buy]),
        ("shipped", [buy, step("ship")]),
        ("delivered", [buy, step("ship"), step("deliver")]),
        ("cancelled", [buy, step("cancel")]),
        ("refunded", [buy, RefundOrderTests.refund()]),
    ]

    /// The whole transition table: the next status for each step and status, or nil.
    static let steps: [(name: String, leads: [String: String])] = [
        ("ship", ["paid": "shipped"]),
        ("deliver", ["shipped": "delivered"]),
        ("cancel", ["paid": "cancelled"]),
    ]

    static let table: [Scenario] = ways.flatMap { way in
        steps.map { name, leads in
            guard let next = leads[way.status] else {
                return Scenario(
                    "\(name) what is \(way.status)", after: way.steps, step(name), gives: 409,
                    code: "invalid_transition")
            }
            return Scenario(
                "\(name) what is \(way.status)", after: way.steps, step(name), gives: 200,
                shows: #"{"id":1,"status":"\#(next)"}"#)
        }
    }

    static let rows =
        [
            Scenario(
                "ships", after: [buy], step("ship"), gives: 200,
                shows:
                    #"""
                    {"status":"shipped","refunded":0,"total":500,\#
                    "items":[{"refunded_quantity":0}],"timeline":[{"status":"paid"},\#
                    {"status":"shipped","amount":0,"reason":null,"actor":"sami",\#
                    "at":"2026-11-18T11:06:40.000Z"}]}
                    """#
            ),
            Scenario(
                "delivers", after: [buy, step("ship")],
                .init(.post, "/sales/1/deliver", as: "adil"), gives: 200,
                shows:
                    #"""
                    {"status":"delivered","timeline":[{"status":"paid"},\#
                    {"status":"shipped","actor":"sami"},{"status":"delivered",\#
                    "actor":"adil"}]}
                    """#
            ),
            Scenario(
                "says which step is missing", after: [buy], step("deliver"), gives: 409,
                code: "invalid_transition",
                shows:
                    #"{"detail":"The order is paid. Only an order that is shipped can become delivered."}"#
            ),
            Scenario(
                "ships a partly refunded order", after: [buy, RefundOrderTests.refund([(1, 1)])],
                step("ship"), gives: 200, shows: #"{"status":"shipped","refunded":250}"#),
            Scenario(
                "rejects shipping an unknown order", step("ship"), gives: 404,
                code: "order_not_found"),
            Scenario(
                "rejects delivering an unknown order", step("deliver"), gives: 404,
                code: "order_not_found"),
            Scenario(
                "rejects an invalid id", .init(.post, "/sales/01/ship", as: "sami"), gives: 404,
                code: "not_found"),
            Scenario(
                "ships in a dry run", after: [buy],
                .init(.post, "/sales/1/ship?dry_run=true", as: "sami"), gives: 200,
                shows: #"{"status":"shipped"}"#, fields: ["Dry-Run": "true"]),
            Scenario(
                "ships after a dry run",
                after: [buy, .init(.post, "/sales/1/ship?dry_run=true", as: "sami")], step("ship"),
                gives: 200, shows: #"{"timeline":[{},{}]}"#),
            Scenario(
                "rejects in a dry run", after: [buy],
                .init(.post, "/sales/1/deliver?dry_run=true", as: "sami"), gives: 409,
                code: "invalid_transition", fields: ["Dry-Run": "true"]),
            Scenario(
                "ships by POST only", .init(.get, "/sales/1/ship", as: "sami"), gives: 405,
                code: "method_not_allowed", fields: ["Allow": "POST"]),
        ] + .closed(to: "ada", "ben", "mona", by: .post, "/sales/1/ship")
        + .closed(to: "ada", "ben", "mona", by: .post, "/sales/1/deliver")

    @Test(arguments: table + rows) func answers(row: Scenario) throws { try row.play() }

    @Test(arguments: ["ship", "deliver"]) func stepsOnceForOneKey(name: String) throws {
        let shop = try TestShop()
        _ = try shop.send(AdvanceOrderTests.buy)
        if name == "deliver" { _ = try shop.send(AdvanceOrderTests.step("ship")) }
        let target = "/sales/1/\(name)"
        let first = try shop.send(.post, target, as: "sami", fields: .key("k"))
        let second = try shop.send(.post, target, as: "sami", fields: .key("k"))
        #expect(first.status.code == 200 && !first.isReplay)
        #expect(second.status.code == 200 && second.isReplay && second.body == first.body)
        let third = try shop.send(.post, target, as: "sami", fields: .key("l"))
        #expect(try third.json["code"] == "invalid_transition")
    }

    @Test func isFoundUnderItsStatus() throws {
        let shop = try TestShop()
        for _ in 0..<3 { _ = try shop.send(CreateOrderTests.buy(1, 1)) }
        _ = try shop.send(.post, "/sales/2/ship", as: "sami")
        #expect(try shop.ids("/sales?status=shipped", as: "ada") == [2])
        #expect(try shop.ids("/sales?status=paid", as: "sami") == [3, 1])
        let audit = try shop.send(.get, "/customers/audit", as: "adil").json["data"]?[0]
        #expect(audit?["action"] == "shipped_order" && audit?["username"] == "ada")
    }
}
