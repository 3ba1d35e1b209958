import Foundation
import Storage
import TestShop
import Testing
import Values

@testable import Sales

/// Days of reports begin and end at midnight in the shop's time zone.
@Suite struct ReportZoneTests {
    // A day of 23, 24, 25, 23.5 or 24.5 hours: its first instant and that of the next day.
    static let days: [(zone: String, day: String, start: String, end: String)] = [
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
        ("Europe/Berlin", "2050-03-27", "2050-03-26T23:00:00Z", "2050-03-27T22:00:00Z"),
        ("America/New_York", "2026-03-08", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
        ("America/New_York", "2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
        ("Asia/Kolkata", "2026-11-18", "2026-11-17T18:30:00Z", "2026-11-18T18:30:00Z"),
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z"),
        ("Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z"),
    ]

    private func rules(_ name: String) throws -> ZoneRules {
        let file = URL(filePath: "/usr/share/zoneinfo/\(name)")
        return try #require(ZoneRules(name: name, tzif: Array(Data(contentsOf: file))), "\(name)")
    }

    /// Orders 1 to 4 are just before, at the start, at the end and just after a day.
    ///
    /// The two orders within the day are refunded at the instant of the order.
    private func shop(_ start: String, _ end: String) throws -> TestShop {
        let shop = try TestShop()
        let start = try #require(Instant(rfc3339: start)).milliseconds
        let end = try #require(Instant(rfc3339: end)).milliseconds
        for (index, instant) in [start - 1, start, end - 1, end].enumerated() {
            let id = Int64(index + 1)
            _ = try shop.send(CreateOrderTests.buy(1, 1))
            _ = try shop.send(.post, "/sales/\(id)/cancel", as: "ada")
            try shop.store.write {
                try $0.run("UPDATE orders SET paid_at = \(instant) WHERE id = \(id)")
                try $0.run("UPDATE order_events SET created_at = \(instant) WHERE order_id = \(id)")
            }
        }
        return shop
    }

    @Test(arguments: days) func daysLastFromMidnightToMidnight(
        row: (zone: String, day: String, start: String, end: String)
    ) throws {
        let shop = try shop(row.start, row.end)
        let zone = try rules(row.zone)
        #expect(try shop.store.write { try setReportZone(zone, in: $0) })
        let query = "?from=\(row.day)&to=\(row.day)"
        let report = try shop.send(.get, ReportsTests.daily + query, as: "sami").json["data"]
        #expect(report?.elements.count == 1)
        #expect(report?[0]?["day"]?.text == row.day)
        #expect(report?[0]?["orders"] == 2)
        #expect(report?[0]?["gross"] == 500)
        #expect(report?[0]?["refunded"] == 500)
        let top = try shop.send(.get, ReportsTests.top + query, as: "sami").json["data"]
        #expect(top?[0]?["units"] == 2)
        #expect(try shop.breaches() == [])
    }

    @Test func aNewZoneRecountsEarlierDays() throws {
        let shop = try shop("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")
        func days() throws -> [String?] {
            let report = try shop.send(
                .get, ReportsTests.daily + "?from=2026-10-01&to=2026-10-31", as: "sami")
            return try report.json["data"]?.elements.map { "\($0["day"]?.text ?? "")" } ?? []
        }
        func set(_ zone: ZoneRules) throws -> Bool {
            try shop.store.write { try setReportZone(zone, in: $0) }
        }
        let berlin = try rules("Europe/Berlin")
        #expect(try set(berlin))
        #expect(try days() == ["2026-10-24", "2026-10-25", "2026-10-26"])
        #expect(try !set(berlin))
        #expect(try set(.utc))
        #expect(try days() == ["2026-10-24", "2026-10-25"])
        #expect(try shop.breaches() == [])
    }

    /// An order and a refund after the change are counted in the new zone at once.
    @Test func newOrdersFollowTheZone() throws {
        let shop = try TestShop()
        let zone = try rules("Pacific/Kiritimati")
        try shop.store.write { try setReportZone(zone, in: $0) }
        _ = try shop.send(CreateOrderTests.buy(1, 2))
        _ = try shop.send(RefundOrderTests.refund([(1, 1)]))
        let report = try shop.send(.get, ReportsTests.daily, as: "sami").json["data"]
        // 11:06 UTC on the 18th, in a zone fourteen hours ahead.
        #expect(report?[0]?["day"]?.text == "2026-11-19")
        #expect(report?[0]?["refunded"] == 250)
        #expect(report?.elements.count == 1)
        try shop.store.write { try updateSalesTotals(in: $0) }
        #expect(try shop.breaches() == [])
    }
}
