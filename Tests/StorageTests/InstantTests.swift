import Storage
import Testing
import Values

@Suite struct InstantTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (1_795_419_251_042, "2026-11-23T07:34:11.042Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ])
    func readsAndWritesRFC3339(milliseconds: Int64, text: String) {
        #expect(Instant(milliseconds: milliseconds).rfc3339 == text)
        #expect(Instant(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test func readsOffsetsAndFractions() {
        #expect(
            Instant(rfc3339: "2026-11-23T09:34:11.0420000+02:00")?.milliseconds == 1_795_419_251_042
        )
        #expect(Instant(rfc3339: "2026-11-23T07:34:11Z")?.milliseconds == 1_795_419_251_000)
        #expect(
            Instant(rfc3339: "2026-11-23T09:34:11+0200") == Instant(rfc3339: "2026-11-23T07:34:11Z")
        )
    }

    @Test(arguments: [
        (".0005", 1), (".001", 1), (".0010000000001", 2), (".000", 0), (".9999", 1000),
        (".5", 500), (".05", 50),
    ])
    func roundsUpToMilliseconds(fraction: String, milliseconds: Int64) {
        #expect(
            Instant(rfc3339: "1970-01-01T00:00:00\(fraction)Z")?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2017-01-01T00:59:60+01:00", "2017-01-01T00:00:00Z"),
        ("2016-12-31T23:59:60.5Z", "2017-01-01T00:00:00.5Z"),
    ])
    func readsALeapSecondAsTheNextDay(text: String, same: String) {
        #expect(Instant(rfc3339: text) == Instant(rfc3339: same))
    }

    @Test(arguments: [
        "", "2026-11-23", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-23T24:00:00Z",
        "2026-11-23T07:34:11", "2026-11-23T07:34:11.Z", "2026-11-23 07:34:11Z",
        "2026-11-23T07:34:11Zx",
        "２026-11-23T07:34:11Z", "2026-11-23T07:34:61Z", "2026-11-23T07:34:60Z",
        "2026-11-23T23:59:60+01:00",
        "2026-11-23T07:34:11+020", "2026-11-23T07:34:11+02:0", "2026-11-23T07:34:11.\u{301}Z",
        "2026-11-23T07:34:11+99:00",
    ])
    func rejectsInvalidInstants(text: String) {
        #expect(Instant(rfc3339: text) == nil)
    }

    @Test func roundTripsEveryDayOfFourCenturies() {
        for day in stride(from: -146_097 as Int64, to: 146_097, by: 1) {
            let noon = Instant(milliseconds: day * 86_400_000)
            #expect(Instant(rfc3339: noon.rfc3339) == noon)
        }
    }
}

@Suite struct MoneyTests {
    @Test func neverOverflows() {
        let price = Money(minorUnits: 100_000_000_000)
        #expect(price.times(3) == Money(minorUnits: 300_000_000_000))
        #expect(price.times(1_000_000) == nil)
        #expect(price.times(.max) == nil)
        #expect(Money.max.adding(Money(minorUnits: 1)) == nil)
        #expect(Money.max.adding(-Money.max) == .zero)
    }
}
