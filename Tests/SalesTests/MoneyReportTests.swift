import HTTP
import HTTPTypes
import Storage
import TestShop
import Testing
import Values

@testable import Sales

/// The reports of taxes, payment methods and liabilities.
@Suite struct MoneyReportTests {
    private static let taxes = "/sales/reports/taxes"
    private static let liabilities = "/sales/reports/liabilities"

    /// Three pens at 7 %, a lamp and a parcel at 19 %, to Germany; one pen without a country.
    private static func shop(pricesIncludeTax: Bool = true) throws -> TestShop {
        let shop = try OrderTotalsTests.shop(pricesIncludeTax: pricesIncludeTax)
        try OrderTotalsTests.order(OrderTotalsTests.items(3, lamps: 1)).succeeds(in: shop)
        return shop
    }

    private static func refund(_ members: String) -> Scenario.Step {
        .init(
            .post, "/sales/1/refund", as: "sami",
            #"{\#(members),"restock":false,"reason":"broken"}"#)
    }
    private static let onePen = refund(#""items":[{"product_id":1,"quantity":1}]"#)

    @Test func showsTaxesByRateAndCountry() throws {
        let shop = try Self.shop()
        try Scenario(
            "", .init(.get, Self.taxes, as: "sami"), gives: 200,
            shows: #"""
                {"data":[{"country":"DE","region":null,"rate":700,"net":701,"tax":49,\#
                "refunded_net":0,"refunded_tax":0,"currency":"USD"},{"country":"DE","rate":1900,\#
                "net":3773,"tax":717,"refunded_net":0,"refunded_tax":0}]}
                """#
        ).play(in: shop)
        try Self.onePen.succeeds(in: shop)
        try Self.refund(#""items":[],"shipping":true"#).succeeds(in: shop)
        try Scenario(
            "", .init(.get, Self.taxes, as: "sami"), gives: 200,
            shows: #"""
                {"data":[{"rate":700,"net":701,"tax":49,"refunded_net":234,"refunded_tax":16},\#
                {"rate":1900,"net":3773,"tax":717,"refunded_net":412,"refunded_tax":78}]}
                """#
        ).play(in: shop)
        try Scenario(
            "", .init(.get, "\(Self.taxes)?from=2026-11-19&to=2026-11-20", as: "sami"),
            gives: 200, shows: #"{"data":[]}"#
        ).play(in: shop)
    }

    /// Buyers write a region as they like.
    ///
    /// Only one with rates of its own is a row of the report.
    @Test func namesARegionAsItsRatesDo() throws {
        let shop = try OrderTotalsTests.shop()
        for region in ["ny", "NY", "Ohio", "to Ada's uncle, 3rd floor"] {
            let address =
                #"{"name":"A","lines":["1"],"city":"C","region":"\#(region)","country":"US"}"#
            try OrderTotalsTests.order(OrderTotalsTests.items(1), address: address)
                .succeeds(in: shop)
        }
        try Scenario(
            "", .init(.get, Self.taxes, as: "sami"), gives: 200,
            shows: #"""
                {"data":[{"country":"US","region":null,"rate":0,"net":500},\#
                {"region":null,"rate":400,"net":942,"tax":38},\#
                {"region":"NY","rate":0,"net":500},{"region":"NY","rate":888,"net":900,"tax":80}]}
                """#
        ).play(in: shop)
        #expect(try shop.breaches() == [])
    }

    /// Whatever is refunded, in whatever parts, the refunded taxes of each rate end at the taxes.
    @Test(arguments: [true, false]) func refundedTaxesEndAtTheTaxes(pricesIncludeTax: Bool) throws {
        let shop = try Self.shop(pricesIncludeTax: pricesIncludeTax)
        for step in [Self.onePen, Self.onePen, Self.refund(#""shipping":true"#)] {
            try step.succeeds(in: shop)
        }
        func rows() throws -> [JSON] {
            let report = try shop.send(.get, Self.taxes, as: "sami")
            return try report.json["data"]?.elements ?? []
        }
        let before = try rows()
        #expect(before.count == 2)
        for row in before {
            #expect(row["net"] == row["refunded_net"] && row["tax"] == row["refunded_tax"])
        }
        // The same after the sums are computed again for another time zone.
        try shop.store.write { try updateSalesTotals(in: $0) }
        #expect(try rows() == before)
        #expect(try shop.breaches() == [])
        try shop.store.write { tx in
            try tx.run("UPDATE report_zone SET name = ''")
            _ = try setReportZone(.utc, in: tx)
        }
        #expect(try rows() == before)
        #expect(try shop.breaches() == [])
    }

    @Test func showsDaysByMethod() throws {
        let shop = try Self.shop()
        try Self.onePen.succeeds(in: shop)
        try Scenario(
            "", .init(.get, "/sales/reports/daily", as: "sami"), gives: 200,
            shows: #"""
                {"data":[{"day":"2026-11-18","orders":1,"gross":5240,"discount":0,"shipping":490,\#
                "tax":766,"refunded":250,"by_method":[{"method":"wallet","orders":1,"gross":5240,\#
                "refunded":250,"net":4990}]}]}
                """#
        ).play(in: shop)
        try shop.store.write { tx in
            try updateSalesTotals(in: tx)
            try tx.run("UPDATE orders SET payment_method = 'card'")
        }
        #expect(try shop.breaches().contains("day 20775 method card"))
    }

    @Test func showsLiabilities() throws {
        let shop = try Self.shop()
        try Scenario.Step(
            .post, "/sales/gift-cards", as: "sami", #"{"amount":5000,"count":3}"#
        ).succeeds(in: shop)
        try Scenario.Step(.post, "/sales/gift-cards/1/cancel", as: "sami").succeeds(in: shop)
        try Scenario.Step(
            .post, "/sales/gift-cards", as: "sami",
            #"{"amount":7,"count":1,"expires_at":"2026-11-18T12:00:00Z"}"#
        ).succeeds(in: shop)
        func expect(_ text: String, at location: SourceLocation = #_sourceLocation) throws {
            let report = try shop.send(.get, Self.liabilities, as: "sami")
            #expect(report.text == text, sourceLocation: location)
        }
        let rest =
            #""gift_cards":{"count":3,"amount":10007},"unpaid_orders":{"count":0,"amount":0},"#
            + #""currency":"USD"}"#
        try expect(#"{"wallets":{"count":1,"amount":94760},\#(rest)"#)
        for step in [
            Scenario.Step(
                .post, "/customers/ben/wallet/credit", as: "sami", #"{"amount":40}"#),
            Self.onePen,
        ] { try step.succeeds(in: shop) }
        try expect(#"{"wallets":{"count":2,"amount":95050},\#(rest)"#)
        #expect(try shop.breaches() == [])
        // An hour later the entries are in the stored sum, and a card has expired.
        shop.clock.pass(seconds: 3700)
        shop.forgetTokens()
        let later = rest.replacing(#""count":3,"amount":10007"#, with: #""count":2,"amount":10000"#)
        try expect(#"{"wallets":{"count":2,"amount":95050},\#(later)"#)
        let folded: Int64 = try shop.value("SELECT wallets AS value FROM wallet_totals")
        #expect(folded == 2)
        #expect(try shop.breaches() == [])
        try shop.store.write { try $0.run("UPDATE wallet_totals SET amount = amount + 1") }
        #expect(try shop.breaches().contains { $0.hasPrefix("the sum of the wallets") })
    }

    @Test func countsUnpaidOrders() throws {
        let shop = try Self.shop()
        try shop.store.write {
            try $0.run(
                "UPDATE orders SET paid_at = NULL, payment_status = 'unpaid', status = 'pending'")
        }
        let report = try shop.send(.get, Self.liabilities, as: "sami").json
        #expect(report["unpaid_orders"]?["count"] == 1)
        #expect(report["unpaid_orders"]?["amount"] == 5240)
        try shop.store.write { try $0.run("UPDATE orders SET status = 'cancelled'") }
        let later = try shop.send(.get, Self.liabilities, as: "sami").json
        #expect(later["unpaid_orders"]?["count"] == 0)
    }

    @Test(
        arguments: [
            (
                "daily",
                """
                day,orders,units,gross,discount,shipping,tax,refunded,net,currency,wallet_orders,\
                wallet_gross,wallet_refunded,wallet_net
                2026-11-18,1,4,5240,0,490,766,250,4990,USD,1,5240,250,4990

                """
            ),
            (
                "taxes",
                """
                country,region,rate,net,tax,refunded_net,refunded_tax,currency
                DE,,700,701,49,234,16,USD
                DE,,1900,3773,717,0,0,USD

                """
            ),
            (
                "liabilities",
                """
                kind,count,amount,currency
                wallets,1,95010,USD
                gift_cards,0,0,USD
                unpaid_orders,0,0,USD

                """
            ),
            (
                "top-products",
                #"""
                product_id,name,units,gross,currency
                2,lamp,1,4000,USD
                1,"'=1+1,""x""",3,750,USD

                """#
            ),
        ])
    func writesCSV(report: String, text: String) throws {
        let shop = try Self.shop()
        try Self.onePen.succeeds(in: shop)
        try Scenario.Step(
            .patch, "/inventory/1", as: "sami", #"{"name":"=1+1,\"x\""}"#
        ).succeeds(in: shop)
        let answer = try shop.send(
            .get, "/sales/reports/\(report)", as: "sami", fields: [.accept: "text/csv"])
        #expect(answer.fields[.contentType] == "text/csv; charset=utf-8")
        #expect(answer.text == text)
    }

    static let damages: [(damage: SQL, subject: String)] = [
        ("UPDATE taxes_by_day SET net = net + 1 WHERE rate = 700", "day 20775 DE  700"),
        ("UPDATE taxes_by_day SET tax = tax - 1 WHERE rate = 1900", "day 20775 DE  1900"),
        ("UPDATE taxes_by_day SET refunded_net = 0 WHERE rate = 700", "day 20775 DE  700"),
        ("UPDATE taxes_by_day SET refunded_tax = 0 WHERE rate = 700", "day 20775 DE  700"),
        ("UPDATE taxes_by_day SET country = 'AT'", "day 20775 AT  1900"),
        ("DELETE FROM taxes_by_day", "day 20775 DE  700"),
        ("UPDATE sales_by_day_and_method SET gross = 1", "day 20775 method wallet"),
        ("UPDATE sales_by_day_and_method SET orders = 2", "day 20775 method wallet"),
        ("UPDATE sales_by_day_and_method SET refunded = 2", "day 20775 method wallet"),
        ("UPDATE order_lines SET tax_rate = 0 WHERE product_id = 1", "day 20775 DE  0"),
    ]

    @Test(arguments: damages.indices) func checkComparesReportsWithOrders(row: Int) throws {
        let shop = try Self.shop()
        try Self.onePen.succeeds(in: shop)
        try shop.store.write { try updateSalesTotals(in: $0) }
        #expect(try shop.breaches() == [])
        try shop.store.write { try $0.run(Self.damages[row].damage) }
        let found = try shop.breaches()
        #expect(found.contains(Self.damages[row].subject), "\(found)")
    }
}
