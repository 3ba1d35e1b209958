import HTTP
import Storage
import TestShop
import Testing

@Suite struct ReportsTests {
    static let daily = "/sales/reports/daily"
    static let top = "/sales/reports/top-products"
    /// From the start of the clock, 2026-11-18T11:06:40Z, to the end of that day.
    static let secondsToMidnight: Int64 = 46_400

    private func pass(seconds: Int64, in shop: TestShop) {
        shop.clock.pass(seconds: seconds)
        shop.forgetTokens()
    }

    private func days(_ query: String = "", in shop: TestShop) throws -> [String] {
        let report = try shop.send(.get, ReportsTests.daily + query, as: "sami")
        #expect(report.status.code == 200, "\(report.text)")
        return try report.json["data"]?.elements.compactMap { $0["day"]?.text } ?? []
    }

    static let rows =
        [
            Scenario(
                "no days without orders", .init(.get, daily, as: "sami"), gives: 200,
                shows: #"{"data":[]}"#),
            Scenario(
                "no products without orders", .init(.get, top, as: "adil"), gives: 200,
                shows: #"{"data":[]}"#),
            Scenario(
                "a day", after: [RefundOrderTests.buyBoth, CreateOrderTests.buy(1, 1)],
                .init(.get, daily, as: "sami"), gives: 200,
                shows:
                    #"""
                    {"data":[{"day":"2026-11-18","orders":2,"units":6,"gross":5250,\#
                    "refunded":0,"net":5250,"currency":"USD"}]}
                    """#
            ),
            Scenario(
                "a day with refunds",
                after: [
                    RefundOrderTests.buyBoth, CreateOrderTests.buy(1, 1),
                    RefundOrderTests.refund([(1, 2)], restock: false),
                    .init(.post, "/sales/2/cancel", as: "ada"),
                ],
                .init(.get, daily, as: "sami"), gives: 200,
                shows: #"{"data":[{"orders":2,"units":6,"gross":5250,"refunded":750,"net":4500}]}"#),
            Scenario(
                "free orders count", after: [RefundOrderTests.free, CreateOrderTests.buy(1, 2)],
                .init(.get, daily, as: "sami"), gives: 200,
                shows: #"{"data":[{"orders":1,"units":2,"gross":0,"net":0}]}"#),
            Scenario(
                "dry runs do not count",
                after: [
                    .init(
                        .post, "/sales?dry_run=true", as: "ada",
                        #"{"items":[{"product_id":1,"quantity":1}]}"#)
                ], .init(.get, daily, as: "sami"), gives: 200, shows: #"{"data":[]}"#),
            Scenario(
                "the products with the highest revenue",
                after: [RefundOrderTests.buyBoth, CreateOrderTests.buy(1, 1)],
                .init(.get, top, as: "sami"), gives: 200,
                shows:
                    #"""
                    {"data":[{"product_id":2,"name":"lamp","units":1,"gross":4000,\#
                    "currency":"USD"},{"product_id":1,"name":"pen","units":5,\#
                    "gross":1250}]}
                    """#
            ),
            Scenario(
                "products with equal revenue, by id",
                after: [
                    .init(.patch, "/inventory/2", as: "sami", #"{"price":250}"#),
                    CreateOrderTests.buy(2, 1), CreateOrderTests.buy(1, 1),
                ],
                .init(.get, top, as: "sami"), gives: 200,
                shows: #"{"data":[{"product_id":1,"gross":250},{"product_id":2,"gross":250}]}"#),
            Scenario(
                "products with their present names",
                after: [
                    CreateOrderTests.buy(1, 1),
                    .init(.patch, "/inventory/1", as: "sami", #"{"name":"quill","price":7}"#),
                ],
                .init(.get, top, as: "sami"), gives: 200,
                shows: #"{"data":[{"name":"quill","gross":250}]}"#),
            Scenario(
                "an archived product with its name",
                after: [CreateOrderTests.buy(1, 1), RefundOrderTests.archive],
                .init(.get, top, as: "sami"), gives: 200,
                shows: #"{"data":[{"product_id":1,"name":"pen"}]}"#),
            Scenario(
                "one day only", after: [CreateOrderTests.buy(1, 1)],
                .init(.get, daily + "?from=2026-11-18&to=2026-11-18", as: "sami"), gives: 200,
                shows: #"{"data":[{"day":"2026-11-18"}]}"#),
            Scenario(
                "the day before", after: [CreateOrderTests.buy(1, 1)],
                .init(.get, daily + "?from=2026-11-17&to=2026-11-17", as: "sami"), gives: 200,
                shows: #"{"data":[]}"#),
            Scenario(
                "the day after", after: [CreateOrderTests.buy(1, 1)],
                .init(.get, top + "?from=2026-11-19&to=2026-11-19", as: "sami"), gives: 200,
                shows: #"{"data":[]}"#),
            Scenario(
                "all possible days", after: [CreateOrderTests.buy(1, 1)],
                .init(.get, daily + "?from=0000-01-01&to=9999-12-31", as: "sami"), gives: 200,
                shows: #"{"data":[{"orders":1}]}"#),
            Scenario(
                "from tomorrow", after: [CreateOrderTests.buy(1, 1)],
                .init(.get, daily + "?from=2026-11-19", as: "sami"), gives: 200,
                shows: #"{"data":[]}"#),
            Scenario(
                "to the first day", .init(.get, daily + "?to=0000-01-01", as: "sami"), gives: 200,
                shows: #"{"data":[]}"#),
            Scenario(
                "a POST", .init(.post, daily, as: "sami"), gives: 405, code: "method_not_allowed",
                fields: ["Allow": "GET, HEAD"]),
        ] + .closed(to: "ada", "mona", by: .get, daily) + .closed(to: "ada", "mona", by: .get, top)

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    static let faults: [(query: String, fields: [String])] = [
        ("from=2026-11-19&to=2026-11-18", ["from"]),
        ("from=2026-11-31", ["from"]),
        ("from=2026-02-29", ["from"]),
        ("from=2026-13-01", ["from"]),
        ("from=2026-00-10", ["from"]),
        ("to=2026-1-1", ["to"]),
        ("to=20261118", ["to"]),
        ("to=18.11.2026", ["to"]),
        ("to=today", ["to"]),
        ("to=", ["to"]),
        ("to=2026-11-18T00:00:00Z", ["to"]),
        ("to=-2026-11-18", ["to"]),
        ("to=%EF%BC%92026-11-18", ["to"]),
        ("from=x&to=y&limit=5", ["from", "to", "limit"]),
        ("after=x", ["after"]),
    ]

    @Test(arguments: [daily, top]) func namesEveryFault(target: String) throws {
        let shop = try TestShop()
        for row in ReportsTests.faults {
            let response = try shop.send(.get, "\(target)?\(row.query)", as: "sami")
            #expect(response.status.code == 422, "\(row.query): \(response.text)")
            #expect(try response.faults == row.fields, "\(row.query): \(response.text)")
        }
    }

    @Test func daysBeginAtMidnightInUTC() throws {
        let shop = try TestShop()
        pass(seconds: ReportsTests.secondsToMidnight - 1, in: shop)
        _ = try shop.send(CreateOrderTests.buy(1, 1))
        pass(seconds: 1, in: shop)
        _ = try shop.send(CreateOrderTests.buy(1, 2))
        let report = try shop.send(.get, ReportsTests.daily, as: "sami").text
        #expect(
            report == """
                {"data":[\
                {"day":"2026-11-18","orders":1,"units":1,"gross":250,"discount":0,\
                "shipping":0,"tax":0,"refunded":0,"net":250,\
                "by_method":[{"method":"wallet","orders":1,"gross":250,"refunded":0,"net":250}],\
                "currency":"USD"},\
                {"day":"2026-11-19","orders":1,"units":2,"gross":500,"discount":0,\
                "shipping":0,"tax":0,"refunded":0,"net":500,\
                "by_method":[{"method":"wallet","orders":1,"gross":500,"refunded":0,"net":500}],\
                "currency":"USD"}]}
                """)
        let top = try shop.send(.get, ReportsTests.top + "?to=2026-11-18", as: "sami")
        #expect(try top.json["data"]?[0]?["units"] == 1)
        #expect(try shop.breaches() == [])
    }

    /// A refund counts on the day of the refund, not on the day of the order.
    @Test func countsRefundsOnTheirOwnDay() throws {
        let shop = try TestShop()
        _ = try shop.send(CreateOrderTests.buy(1, 4))
        _ = try shop.send(CreateOrderTests.buy(1, 1))
        pass(seconds: 86_400, in: shop)
        _ = try shop.send(RefundOrderTests.refund([(1, 1)]))
        pass(seconds: 86_400, in: shop)
        _ = try shop.send(RefundOrderTests.refund())
        _ = try shop.send(.post, "/sales/2/cancel", as: "ada")
        let report = try shop.send(.get, ReportsTests.daily, as: "sami").json
        let expected =
            #"""
            {"data":[{"day":"2026-11-18","orders":2,"units":5,"gross":1250,"refunded":0,\#
            "net":1250},{"day":"2026-11-19","orders":0,"units":0,"gross":0,\#
            "refunded":250,"net":-250},{"day":"2026-11-20","orders":0,"refunded":1000,\#
            "net":-1000}]}
            """#
        #expect(try report.includes(JSON(parsing: Array(expected.utf8))), "\(report)")
        #expect(try shop.breaches() == [])
    }

    @Test func bothEndsAreCounted() throws {
        let shop = try TestShop()
        for _ in 0..<5 {
            _ = try shop.send(CreateOrderTests.buy(1, 1))
            pass(seconds: 86_400, in: shop)
        }
        let rows: [(query: String, days: ClosedRange<Int>)] = [
            ("?from=2026-11-19&to=2026-11-21", 19...21), ("?from=2026-11-21", 21...22),
            ("?to=2026-11-19", 18...19),
            ("?from=2026-11-22&to=2026-11-22", 22...22),
            ("?from=2026-11-01&to=2026-12-31", 18...22), ("", 18...22),
        ]
        for row in rows {
            let expected = row.days.map { "2026-11-\($0)" }
            #expect(try days(row.query, in: shop) == expected, "\(row.query)")
            let top = try shop.send(.get, ReportsTests.top + row.query, as: "sami")
            let units = Int64(row.days.count)
            #expect(try top.json["data"]?[0]?["units"] == .integer(units), "\(row.query)")
        }
    }

    @Test func showsTheLastThirtyDaysByDefault() throws {
        let shop = try TestShop()
        _ = try shop.send(CreateOrderTests.buy(1, 1))
        pass(seconds: 29 * 86_400, in: shop)
        #expect(try days(in: shop) == ["2026-11-18"])
        pass(seconds: 86_400, in: shop)
        #expect(try days(in: shop) == [])
        // If one end is missing, it is today, or 29 days before the other end.
        #expect(try days("?from=2026-11-18", in: shop) == ["2026-11-18"])
        #expect(try days("?to=2026-12-17", in: shop) == ["2026-11-18"])
        #expect(try days("?to=2026-12-18", in: shop) == [])
    }

    @Test func namesAHundredProductsAtMost() throws {
        let shop = try TestShop()
        for number in 1...101 {
            let body = #"{"name":"p\#(number)","category":"c","price":\#(number),"stock":1}"#
            _ = try shop.send(.post, "/inventory", as: "sami", body)
        }
        for start in [3, 53] {
            let items = (start..<(start == 3 ? 53 : 104)).map {
                #"{"product_id":\#($0),"quantity":1}"#
            }
            let body = #"{"items":[\#(items.joined(separator: ","))]}"#
            #expect(try shop.send(.post, "/sales", as: "ada", body).status.code == 201)
        }
        let report = try shop.send(.get, ReportsTests.top, as: "sami").json["data"]?.elements
        let names = report?.compactMap { $0["name"]?.text }
        #expect(names == (2...101).reversed().map { "p\($0)" })
        #expect(try shop.breaches() == [])
    }

    @Test(arguments: [daily, top]) func returns304ForAMatchingETag(target: String) throws {
        let shop = try TestShop()
        _ = try shop.send(CreateOrderTests.buy(1, 1))
        let tag = try shop.send(.get, target, as: "sami").fields[.eTag] ?? ""
        let same = try shop.send(.get, target, as: "sami", fields: [.ifNoneMatch: tag])
        #expect(same.status.code == 304 && same.body.isEmpty)
        _ = try shop.send(CreateOrderTests.buy(1, 1))
        let other = try shop.send(.get, target, as: "sami", fields: [.ifNoneMatch: tag])
        #expect(other.status.code == 200)
    }
}
