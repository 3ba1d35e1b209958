/// A day of the calendar, counted from 1970-01-01.
public struct Day: Sendable, Hashable, Comparable {
    /// Days since the epoch.
    public let number: Int64

    /// A day by its number.
    public init(number: Int64) {
        self.number = number
    }

    /// The day in UTC on which `instant` falls.
    public init(of instant: Instant) {
        let rest = instant.milliseconds.modulo(86_400_000)
        number = (instant.milliseconds - rest) / 86_400_000
    }

    /// Reads `2026-11-23` (RFC 3339 `full-date`); nil where the calendar has no such day.
    public init?(text: String) {
        var parts = DigitReader(text)
        guard let year = parts.number(4), parts.take("-"), let month = parts.number(2),
            parts.take("-"),
            let day = parts.number(2), parts.isAtEnd,
            let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        number = date.days
    }

    /// As RFC 3339 writes it: `2026-11-23`.
    public var text: String {
        String(Instant(milliseconds: number * 86_400_000).rfc3339.prefix(10))
    }

    /// The day `count` days later, or earlier.
    public func adding(days count: Int64) -> Day {
        Day(number: number + count)
    }

    /// By time.
    public static func < (left: Day, right: Day) -> Bool {
        left.number < right.number
    }
}
