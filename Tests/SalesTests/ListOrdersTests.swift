import HTTP
import TestShop
import Testing

@Suite struct ListOrdersTests {
    /// The filters of the list.
    struct Listed {
        let id: Int64
        let username: String
        let second: Int64
    }

    /// Thirty orders of free pens by ada, ben and the staff, two in each second.
    static func sell(in shop: TestShop) throws -> [Listed] {
        _ = try shop.send(.patch, "/inventory/1", as: "sami", #"{"price":0}"#)
        _ = try shop.send(
            .post, "/inventory/1/stock", as: "sami", #"{"delta":100,"reason":"many"}"#)
        return try (1...30).map { number in
            if number % 2 == 1 { shop.clock.pass(seconds: 1) }
            let buyer = ["ada", "ben", "ada", "sami", "ben"][number % 5]
            let sale = try shop.send(CreateOrderTests.buy(1, 1, as: buyer))
            #expect(try sale.json["id"] == .integer(Int64(number)))
            return Listed(
                id: Int64(number), username: buyer, second: Int64((number + 1) / 2))
        }
    }

    /// The instant `second` seconds after the start of the clock, as a query parameter.
    static func moment(_ second: Int64) -> String {
        "2026-11-18T11:06:\(40 + second)Z"
    }

    static let filters: [(query: String, keeps: @Sendable (Listed) -> Bool)] = [
        ("", { _ in true }),
        ("username=ada", { $0.username == "ada" }),
        ("username=sami", { $0.username == "sami" }),
        ("username=mona", { _ in false }),
        ("username=nobody", { _ in false }),
        ("status=paid", { _ in true }),
        ("status=shipped", { _ in false }),
        ("status=refunded", { _ in false }),
        ("from=\(moment(5))", { $0.second >= 5 }),
        ("to=\(moment(5))", { $0.second < 5 }),
        ("from=\(moment(3))&to=\(moment(9))", { (3..<9).contains($0.second) }),
        ("from=\(moment(3))&to=\(moment(3))", { _ in false }),
        ("from=2026-11-18T12:06:45%2B01:00", { $0.second >= 5 }),
        ("from=2026-11-18T11:06:44.001Z", { $0.second >= 5 }),
        (
            "username=ben&status=paid&from=\(moment(2))&to=\(moment(14))",
            { $0.username == "ben" && (2..<14).contains($0.second) }
        ),
    ]

    @Test func pagesEveryFilterNewestFirst() throws {
        let shop = try TestShop()
        let sales = try ListOrdersTests.sell(in: shop)
        for filter in ListOrdersTests.filters {
            let target = filter.query.isEmpty ? "/sales" : "/sales?\(filter.query)"
            let kept = sales.filter(filter.keeps).map(\.id).sorted(by: >)
            #expect(try shop.ids(target, as: "sami") == kept, "\(target)")
            #expect(try shop.ids(target, as: "adil") == kept, "\(target)")
        }
        for filter in ListOrdersTests.filters where !filter.query.contains("username") {
            let target = filter.query.isEmpty ? "/sales" : "/sales?\(filter.query)"
            for account in ["ada", "ben", "mona"] {
                let own = sales.filter { filter.keeps($0) && $0.username == account }
                let ids = own.map(\.id).sorted(by: >)
                #expect(try shop.ids(target, as: account) == ids, "\(target) \(account)")
            }
        }
    }

    @Test func rejectsACursorOfAnotherList() throws {
        let shop = try TestShop()
        let next = try shop.send(.get, "/inventory?limit=1").json["next"]?.text ?? ""
        let response = try shop.send(.get, "/sales?after=\(next)", as: "ada")
        #expect(try response.status.code == 422 && response.faults == ["after"])
    }

    static let rows =
        [
            Scenario(
                "shows each order with its lines",
                after: [CreateOrderTests.buy(1, 1), CreateOrderTests.buy(2, 1)],
                .init(.get, "/sales", as: "ada"), gives: 200,
                shows:
                    #"""
                    {"data":[{"id":2,"total":4000,"items":[{"product_id":2}]},{"id":1,\#
                    "username":"ada","status":"paid","total":250,"refunded":0,\#
                    "currency":"USD","items":[{"product_id":1,"name":"pen",\#
                    "unit_price":250,"quantity":1}],"timeline":[{"status":"paid"}]}],\#
                    "next":null}
                    """#
            ),
            Scenario(
                "is empty without orders", after: [CreateOrderTests.buy(1, 1)],
                .init(.get, "/sales", as: "ben"), gives: 200, shows: #"{"data":[],"next":null}"#),
            Scenario(
                "a moderator sees their own", after: [CreateOrderTests.buy(1, 1)],
                .init(.get, "/sales", as: "mona"), gives: 200, shows: #"{"data":[]}"#),
            Scenario(
                "a customer may name themselves", after: [CreateOrderTests.buy(1, 1)],
                .init(.get, "/sales?username=ada", as: "ada"), gives: 200,
                shows: #"{"data":[{"id":1}]}"#),
            Scenario(
                "a customer may name themselves in any case", after: [CreateOrderTests.buy(1, 1)],
                .init(.get, "/sales?username=Ada", as: "ada"), gives: 200,
                shows: #"{"data":[{"id":1}]}"#),
            Scenario(
                "a customer may not name another", .init(.get, "/sales?username=ben", as: "ada"),
                gives: 403, code: "forbidden"),
            Scenario(
                "a customer may not name an unknown customer",
                .init(.get, "/sales?username=nobody", as: "ada"), gives: 403, code: "forbidden"),
            Scenario(
                "a moderator may not name another", .init(.get, "/sales?username=ada", as: "mona"),
                gives: 403, code: "forbidden"),
            Scenario(
                "an end before the beginning",
                .init(.get, "/sales?from=2026-02-01T00:00:00Z&to=2026-01-31T00:00:00Z", as: "ada"),
                gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"from"}]}"#),
            Scenario(
                "from within the millisecond of the order", after: [CreateOrderTests.buy(1, 1)],
                .init(.get, "/sales?from=2026-11-18T11:06:40.0005Z", as: "ada"), gives: 200,
                shows: #"{"data":[]}"#),
            Scenario(
                "from the instant of the order", after: [CreateOrderTests.buy(1, 1)],
                .init(.get, "/sales?from=2026-11-18T11:06:40.000000Z", as: "ada"), gives: 200,
                shows: #"{"data":[{"id":1}]}"#),
            Scenario(
                "to within the millisecond of the order", after: [CreateOrderTests.buy(1, 1)],
                .init(.get, "/sales?to=2026-11-18T11:06:40.0005Z", as: "ada"), gives: 200,
                shows: #"{"data":[{"id":1}]}"#),
            Scenario(
                "to the instant of the order", after: [CreateOrderTests.buy(1, 1)],
                .init(.get, "/sales?to=2026-11-18T11:06:40Z", as: "ada"), gives: 200,
                shows: #"{"data":[]}"#),
            Scenario(
                "an offset without a colon", after: [CreateOrderTests.buy(1, 1)],
                .init(.get, "/sales?from=2026-11-18T12:06:40%2B0100", as: "ada"), gives: 200,
                shows: #"{"data":[{"id":1}]}"#),
            Scenario(
                "a plus that is not encoded",
                .init(.get, "/sales?from=2026-11-18T12:06:40+01:00", as: "ada"), gives: 422,
                code: "invalid_request",
                shows:
                    #"""
                    {"errors":[{"field":"from",\#
                    "message":"must be a time in RFC 3339, such as 2026-01-31T12:00:00Z; encode + as %2B"}]}
                    """#
            ),
            Scenario(
                "a day without a 30th", .init(.get, "/sales?from=2026-02-30T00:00:00Z", as: "ada"),
                gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"from"}]}"#),
            Scenario(
                "every fault at once",
                .init(
                    .get,
                    "/sales?username=&status=open&from=x&to=2026-01-01&limit=0&after=x&sort=total",
                    as: "sami"), gives: 422, code: "invalid_request",
                shows:
                    #"""
                    {"errors":[{"field":"username"},{"field":"status"},{"field":"from"},\#
                    {"field":"to"},{"field":"limit"},{"field":"after"},\#
                    {"field":"sort"}]}
                    """#
            ),
            Scenario(
                "another method", .init(.delete, "/sales", as: "sami"), gives: 405,
                code: "method_not_allowed", fields: ["Allow": "GET, HEAD, POST"]),
        ] + .closed(by: .get, "/sales")

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }
}
