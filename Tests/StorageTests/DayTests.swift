import Storage
import Testing
import Values

@Suite struct DayTests {
    @Test(
        arguments: [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("2026-11-18", 20_775),
            ("2000-02-29", 11_016),
            ("1900-03-01", -25_508),
            ("0000-01-01", -719_528),
            ("9999-12-31", 2_932_896),
        ] as [(String, Int64)])
    func readsAndWritesFullDates(text: String, number: Int64) {
        #expect(Day(text: text) == Day(number: number))
        #expect(Day(number: number).text == text)
    }

    @Test(arguments: [
        "", "2026", "2026-11", "2026-11-", "2026-11-1", "2026-1-18", "26-11-18", "2026-11-181",
        "2026-11-18T00:00:00Z", "2026-11-18 ", " 2026-11-18", "2026/11/18", "20261118",
        "2026-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-01", "2026-01-00",
        "2026-01-32", "-026-01-01", "+026-01-01", "２026-11-18", "2026-11-١8", "2026-1\u{301}1-18",
        "2026-11-18\u{301}", "2026–11–18", "today", "10000-01-01",
    ])
    func rejectsInvalidDays(text: String) {
        #expect(Day(text: text) == nil)
    }

    @Test(
        arguments: [
            (0, 0), (86_399_999, 0), (86_400_000, 1),
            (-1, -1), (-86_400_000, -1), (-86_400_001, -2),
            (1_795_000_000_000, 20_775), (1_795_046_399_999, 20_775), (1_795_046_400_000, 20_776),
        ] as [(Int64, Int64)])
    func beginsAtMidnight(milliseconds: Int64, number: Int64) {
        #expect(Day(of: Instant(milliseconds: milliseconds)).number == number)
    }

    @Test func isTheDateOfItsInstants() {
        for number in stride(from: -800_000 as Int64, to: 800_000, by: 997) {
            for offset in [0, 43_200_000, 86_399_999] as [Int64] {
                let instant = Instant(milliseconds: number * 86_400_000 + offset)
                let day = Day(of: instant)
                guard number >= -719_528 else {
                    #expect(day.number == number)
                    continue
                }
                #expect(day.text == instant.rfc3339.prefix(10))
                #expect(Day(text: day.text) == day)
            }
        }
    }

    @Test func addsDays() throws {
        let day = try #require(Day(text: "2026-12-31"))
        #expect(day.adding(days: 1).text == "2027-01-01")
        #expect(day.adding(days: -365).text == "2025-12-31")
        #expect(day < day.adding(days: 1) && day.adding(days: -1) < day)
    }

    @Test func isStoredInAColumn() {
        #expect(Day(number: -7).stored == .integer(-7))
        #expect(Day(stored: .integer(20_775))?.text == "2026-11-18")
        #expect(Day(stored: .text("2026-11-18")) == nil)
        #expect(Day(stored: .null) == nil)
    }
}
