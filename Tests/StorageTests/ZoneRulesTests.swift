import Foundation
import Testing
import Values

/// Rules of time zones from the system's TZif files.
@Suite struct ZoneRulesTests {
    static func rules(_ name: String) throws -> ZoneRules {
        let file = URL(filePath: "/usr/share/zoneinfo/\(name)")
        return try #require(ZoneRules(name: name, tzif: Array(Data(contentsOf: file))), "\(name)")
    }

    // Zones whose rules have not changed for years, so that all versions of the data agree.
    static let names = [
        "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
        "Australia/Sydney", "Pacific/Chatham", "Europe/Dublin", "Asia/Kathmandu", "Etc/UTC",
    ]

    /// Every twelve hours of a century.
    ///
    /// A file lists the changes until 2037; its footer gives the later ones.
    @Test(arguments: names) func agreeWithFoundation(name: String) throws {
        let rules = try Self.rules(name)
        let zone = try #require(TimeZone(identifier: name))
        let (start, end) = (946_684_800 as Int64, 4_102_444_800 as Int64)
        for second in stride(from: start, to: end, by: 43_200) {
            let expected = zone.secondsFromGMT(
                for: Date(timeIntervalSince1970: TimeInterval(second)))
            let found = rules.offset(at: Instant(milliseconds: second * 1000))
            guard found == Int64(expected) else {
                Issue.record("\(name) at \(second): \(found), not \(expected)")
                return
            }
        }
    }

    static let changes: [(name: String, at: String, before: Int64, after: Int64)] = [
        ("Europe/Berlin", "2026-03-29T01:00:00Z", 60, 120),
        ("Europe/Berlin", "2026-10-25T01:00:00Z", 120, 60),
        ("Europe/Berlin", "2050-03-27T01:00:00Z", 60, 120),
        ("America/New_York", "2026-03-08T07:00:00Z", -300, -240),
        ("America/New_York", "2099-11-01T06:00:00Z", -240, -300),
        ("Australia/Lord_Howe", "2026-04-04T15:00:00Z", 660, 630),
        ("Australia/Lord_Howe", "2026-10-03T15:30:00Z", 630, 660),
    ]

    @Test(arguments: changes) func changeAtTheSecond(
        change: (name: String, at: String, before: Int64, after: Int64)
    ) throws {
        let rules = try Self.rules(change.name)
        let instant = try #require(Instant(rfc3339: change.at))
        #expect(rules.offset(at: instant) == change.after * 60)
        let before = Instant(milliseconds: instant.milliseconds - 1)
        #expect(rules.offset(at: before) == change.before * 60)
    }

    @Test func rejectsOtherBytes() throws {
        let file = URL(filePath: "/usr/share/zoneinfo/Europe/Berlin")
        let bytes = Array(try Data(contentsOf: file))
        for count in 0..<bytes.count {
            #expect(ZoneRules(name: "x", tzif: Array(bytes.prefix(count))) == nil, "\(count)")
        }
        for position in bytes.indices {
            var damaged = bytes
            damaged[position] ^= 0xff
            // The parser ends for any input, and every instant has an offset.
            if let rules = ZoneRules(name: "x", tzif: damaged) { #expect(!rules.offsets.isEmpty) }
        }
    }

    static let footers: [(footer: String, offsets: Int?)] = [
        ("UTC0", 1), ("<-03>3", 1), ("EST5EDT,M3.2.0,M11.1.0", 201),
        ("EST5EDT,J60/0,300/24:30:15", 201),
        ("", 1), ("U0", nil), ("UTC", nil), ("EST5EDT", nil), ("EST5EDT,M3.2.0", nil),
        ("EST5EDT,M13.2.0,M1.1.0", nil),
        ("EST5EDT,M3.6.0,M11.1.0", nil), ("EST5EDT,M3.2.7,M11.1.0", nil), ("EST5EDT,J0,J366", nil),
        ("UTC0 ", nil),
        ("<UTC0", nil), ("UTC9999", nil),
    ]

    @Test(arguments: footers) func footersAreRead(row: (footer: String, offsets: Int?)) {
        let count: [UInt8] = [0, 0, 0, 0]
        let one: [UInt8] = [0, 0, 0, 1]
        let header = Array("TZif2".utf8) + Array(repeating: 0, count: 15)
        let former = header + count + count + count + count + count + count
        let block = header + count + count + count + count + one + one + [0, 0, 0, 0, 0, 0, 0]
        let file = former + block + Array("\n\(row.footer)\n".utf8)
        #expect(ZoneRules(name: "x", tzif: file)?.offsets.count == row.offsets)
    }
}
