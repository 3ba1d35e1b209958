/// A calendar day, as the number of days since 1970-01-01.
public struct Day: Sendable, Hashable, Comparable {
    /// Days since the epoch.
    public let number: Int64

    /// Creates a day from its number.
    public init(number: Int64) {
        self.number = number
    }

    /// The UTC day that contains `instant`.
    public init(of instant: Instant) {
        let rest = instant.milliseconds.modulo(86_400_000)
        number = (instant.milliseconds - rest) / 86_400_000
    }

    /// Reads `2026-11-23` (RFC 3339 `full-date`); nil if the calendar has no such day.
    public init?(text: String) {
        var parts = DigitReader(text)
        guard let year = parts.number(4), parts.take("-"), let month = parts.number(2),
            parts.take("-"),
            let day = parts.number(2), parts.isAtEnd,
            let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        number = date.days
    }

    /// The RFC 3339 `full-date`: `2026-11-23`.
    public var text: String {
        String(Instant(milliseconds: number * 86_400_000).rfc3339.prefix(10))
    }

    /// The day `count` days later, or earlier if `count` is negative.
    public func adding(days count: Int64) -> Day {
        Day(number: number + count)
    }

    /// Compares by time.
    public static func < (left: Day, right: Day) -> Bool {
        left.number < right.number
    }
}
