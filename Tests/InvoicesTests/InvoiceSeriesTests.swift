import HTTP
import Storage
import TestShop
import Testing
import Values

@testable import Invoices

/// Numbers, the courier, and several issuers at once.
@Suite struct InvoiceSeriesTests {
    @Test func theCourierIssues() throws {
        let shop = try InvoiceShop.ordered()
        try InvoiceShop.refund(InvoiceShop.pens(1)).succeeds(in: shop)
        try InvoiceShop.order(pens: 1).succeeds(in: shop)
        try shop.runCourier()
        #expect(try shop.invoiceNumbers().count == 3)
        try Scenario.Step(.post, "/sales/2/cancel", as: "ada").succeeds(in: shop)
        try shop.runCourier()
        #expect(
            try shop.invoiceNumbers().map { $0.suffix(6) }
                == ["000001", "000002", "000003", "000004"])
        #expect(try shop.breaches() == [])
    }

    /// Eight couriers and sixteen readers want the documents of the same orders at once.
    @Test func isGaplessWithManyIssuers() throws {
        let shop = try TestShop()
        try shop.addCustomers(["buyer"], balance: 1_000_000)
        let orders = 1...12
        for _ in orders {
            let items = #"{"items":[{"product_id":1,"quantity":1}]}"#
            try shop.store.write {
                try $0.run("UPDATE products SET stock = stock + 5 WHERE id = 1")
            }
            try Scenario.Step(.post, "/sales", as: "buyer", items).succeeds(in: shop)
        }
        for order in orders where order % 2 == 0 {
            try InvoiceShop.refund(InvoiceShop.pens(1), of: order).succeeds(in: shop)
        }
        _ = try shop.token(of: "sami")
        let (settings, now) = (shop.shop, shop.clock.now)
        let faults = atOnce(24) { number -> [String] in
            orders.compactMap { index in
                let order = Int64((index + number) % 12 + 1)
                do {
                    if number < 8 {
                        // Half of them for several orders at a time, as the courier does.
                        let batch = number < 4 ? [order, 13 - order, 5] : [order]
                        try shop.store.write {
                            try issueInvoices(of: batch, for: settings, at: now, in: $0)
                        }
                        return nil
                    }
                    let answer = try shop.send(.get, "/sales/\(order)/invoice", as: "sami")
                    return answer.status.code == 200 ? nil : answer.text
                } catch {
                    return "\(error)"
                }
            }
        }
        #expect(faults.flatMap(\.self) == [])
        let numbers = try shop.invoiceNumbers()
        #expect(numbers.count == 18)
        #expect(numbers.map { Int($0.suffix(6)) } == Array(1...18))
        try shop.store.write {
            try $0.run("DELETE FROM stock_movements WHERE kind = 'none'")
        }
        let found = try shop.breaches().filter { $0.contains("invoice") || $0.contains("series") }
        #expect(found == [])
    }

    @Test func aYearBeginsAtOne() throws {
        let shop = try InvoiceShop.ordered()
        try InvoiceShop.invoice().succeeds(in: shop)
        try InvoiceShop.order(pens: 1).succeeds(in: shop)
        try InvoiceShop.order(pens: 1).succeeds(in: shop)
        let settings = shop.shop
        func issue(_ order: Int64, at time: String) throws {
            let now = try #require(Instant(rfc3339: time))
            try shop.store.write {
                try issueInvoices(of: [order], for: settings, at: now, in: $0)
            }
        }
        try issue(2, at: "2027-01-01T00:00:00Z")
        // The clock goes back, the year does not.
        try issue(3, at: "2026-12-31T23:59:59Z")
        #expect(
            try shop.invoiceNumbers().map { $0.dropFirst(7) }
                == ["2026-000001", "2027-000001", "2027-000002"])
        #expect(try shop.breaches() == [])
    }

    /// The second issuer read the clock before the first one, and waited longer for the series.
    @Test func theTimeOfIssueDoesNotGoBack() throws {
        let shop = try InvoiceShop.ordered()
        try InvoiceShop.order(pens: 1).succeeds(in: shop)
        let (settings, now) = (shop.shop, shop.clock.now.adding(seconds: 60))
        for (order, time) in [(2, now), (1, now.adding(seconds: -1))] as [(Int64, Instant)] {
            try shop.store.write {
                try issueInvoices(of: [order], for: settings, at: time, in: $0)
            }
        }
        let list = try shop.send(.get, "/sales/invoices", as: "sami").json["data"]?.elements ?? []
        #expect(list.compactMap { $0["number"]?.text?.suffix(6) } == ["000002", "000001"])
        #expect(list.count == 2 && list[0]["issued_at"] == list[1]["issued_at"])
        #expect(try shop.breaches() == [])
    }

    /// The database of a restored backup is stored in another place.
    @Test func anotherPlaceOpensAnotherSeries() throws {
        let shop = try InvoiceShop.ordered()
        try InvoiceShop.invoice().succeeds(in: shop)
        try InvoiceShop.refund(InvoiceShop.pens(1)).succeeds(in: shop)
        try InvoiceShop.order(pens: 1).succeeds(in: shop)
        func move() throws {
            try shop.store.write { try $0.run("UPDATE invoice_series SET storage = 'elsewhere'") }
        }
        try move()
        shop.clock.pass(seconds: 27)
        try InvoiceShop.invoice().succeeds(in: shop)
        // Within the same second.
        try move()
        try InvoiceShop.invoice(2).succeeds(in: shop)
        #expect(
            try shop.invoiceNumbers()
                == ["CIUGKE-2026-000001", "CIUGLF-2026-000001", "CIUGLG-2026-000001"])
        let documents = try shop.documents(of: 2)
        #expect(documents[0]["previous_hash"] == .null)
        #expect(try shop.breaches() == [])
    }

    /// The operator ends the series of a database that was set back below Souk.
    @Test func anEndedSeriesIsNotContinued() throws {
        let shop = try InvoiceShop.ordered()
        let now = shop.clock.now
        func end() throws -> String? { try endInvoiceSeries(at: now, on: shop.store) }
        // Without a document, the next one opens a series anyway.
        #expect(try end() == nil)
        try InvoiceShop.invoice().succeeds(in: shop)
        #expect(try end() == InvoiceTests.first)
        #expect(try end() == nil)
        #expect(try shop.breaches() == [])
        // The time of the first document names the series. So the name differs even if the database
        // is set back again before that.
        shop.clock.pass(seconds: 7)
        try InvoiceShop.refund(InvoiceShop.pens(1)).succeeds(in: shop)
        try InvoiceShop.invoice().succeeds(in: shop)
        #expect(try shop.invoiceNumbers() == [InvoiceTests.first, "CIUGKL-2026-000001"])
        #expect(try shop.breaches() == [])
        let log = try shop.send(.get, "/customers/audit?subject=/sales/invoices", as: "adil")
        let entries = try log.json["data"]?.elements ?? []
        #expect(entries.count == 1 && entries[0]["action"] == "ended_invoice_series")
        #expect(entries[0]["actor"] == .null && entries[0]["before"] == .string(InvoiceTests.first))
    }

    @Test(
        arguments: [
            (0, "", "AAAAAA"), (25, "", "AAAAAZ"), (26, "", "AAAABA"),
            (308_915_775, "", "ZZZZZZ"), (308_915_776, "", "BAAAAAA"), (-5, "", "AAAAAA"),
            (7, "AAAAAH", "AAAAAI"), (7, "ZZZZZZ", "BAAAAAA"), (9, "AAAAAH", "AAAAAJ"),
        ] as [(Int64, String, String)])
    func namesAscend(seconds: Int64, former: String, name: String) {
        let now = Instant(milliseconds: (1_767_225_600 + seconds) * 1000 + 999)
        #expect(InvoiceSeries.name(openedAt: now, after: former) == name)
    }

    @Test func numbersAreReadAsTheyArePrinted() {
        for number in [1, 999_999, 1_000_000] as [Int64] {
            let one = InvoiceNumber(series: "ABCDEF", year: 2026, number: number)
            #expect(InvoiceNumber(text: one.text) == one)
        }
        #expect(InvoiceNumber(series: "A", year: 2026, number: 7).text == "A-2026-000007")
    }
}
