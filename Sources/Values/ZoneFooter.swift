/// The rule of a TZif file for the years after its last transition (RFC 9636, section 3.3).
///
/// It has the syntax of the variable `TZ` in POSIX.1-2024, such as `CET-1CEST,M3.5.0,M10.5.0/3`.
struct ZoneFooter {
    private let standard: Int64
    private let summer: (seconds: Int64, start: YearDay, end: YearDay)?

    /// Nil if `text` is not such a rule.
    init?(_ text: Substring) {
        var reader = FooterReader(bytes: text.utf8)
        guard reader.name(), let west = reader.duration() else { return nil }
        standard = -west
        guard !reader.isAtEnd else {
            summer = nil
            return
        }
        guard reader.name() else { return nil }
        var seconds = standard + 3600
        if !reader.take(",") {
            guard let west = reader.duration(), reader.take(",") else { return nil }
            seconds = -west
        }
        guard let start = YearDay(&reader), reader.take(","), let end = YearDay(&reader),
            reader.isAtEnd
        else { return nil }
        summer = (seconds, start, end)
    }

    /// The offsets that take effect after the second `last` and before the year 2100.
    func offsets(after last: Int64) -> [ZoneRules.Offset] {
        guard let summer else { return [] }
        let first = last < 0 ? 1970 : CivilDate(days: last / 86_400).year
        guard first < 2100 else { return [] }
        let offsets = (first..<2100).flatMap { year in
            [
                ZoneRules.Offset(
                    since: summer.start.second(of: year) - standard, seconds: summer.seconds),
                ZoneRules.Offset(
                    since: summer.end.second(of: year) - summer.seconds, seconds: standard),
            ]
        }
        return offsets.filter { $0.since > last }.sorted { $0.since < $1.since }
    }
}

/// A day of each year and a local time on that day.
private struct YearDay {
    private enum Day {
        /// `M3.5.0`: the last Sunday of March; week 5 is the last one.
        case weekday(month: Int64, week: Int64, weekday: Int64)
        /// `J60`: 1 March in every year, because 29 February is not counted.
        case julian(Int64)
        /// `59`: counted from 0, including 29 February.
        case ordinal(Int64)
    }

    private let day: Day
    private let time: Int64

    init?(_ reader: inout FooterReader) {
        if reader.take("M") {
            guard let month = reader.number(), (1...12).contains(month), reader.take("."),
                let week = reader.number(), (1...5).contains(week), reader.take("."),
                let weekday = reader.number(), weekday <= 6
            else { return nil }
            day = .weekday(month: month, week: week, weekday: weekday)
        } else {
            let isJulian = reader.take("J")
            guard let number = reader.number(), number <= 365, number > 0 || !isJulian else {
                return nil
            }
            day = isJulian ? .julian(number) : .ordinal(number)
        }
        guard reader.take("/") else {
            time = 7200
            return
        }
        guard let time = reader.duration() else { return nil }
        self.time = time
    }

    /// The local time in `year`, in seconds since 1970-01-01T00:00:00.
    func second(of year: Int64) -> Int64 {
        (dayNumber(of: year)) * 86_400 + time
    }

    private func dayNumber(of year: Int64) -> Int64 {
        func first(ofMonth month: Int64) -> Int64 {
            let next = CivilDate(
                year: month > 12 ? year + 1 : year, month: month > 12 ? 1 : month, day: 1)
            return next?.days ?? 0
        }
        switch day {
        case .ordinal(let number): return first(ofMonth: 1) + number
        case .julian(let number):
            let isLeap = first(ofMonth: 3) - first(ofMonth: 2) == 29
            return first(ofMonth: 1) + number - (isLeap && number >= 60 ? 0 : 1)
        case .weekday(let month, let week, let weekday):
            let start = first(ofMonth: month)
            // 1970-01-01 was a Thursday.
            let found = start + (weekday - start - 4).modulo(7) + (week - 1) * 7
            return found < first(ofMonth: month + 1) ? found : found - 7
        }
    }
}

/// Reads the parts of a footer from its start.
private struct FooterReader {
    var bytes: Substring.UTF8View

    var isAtEnd: Bool { bytes.isEmpty }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard bytes.first == UInt8(ascii: character) else { return false }
        bytes.removeFirst()
        return true
    }

    /// Reads an abbreviation: letters, or any text between `<` and `>`.
    mutating func name() -> Bool {
        if take("<") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: ">")) else { return false }
            bytes = bytes[bytes.index(after: end)...]
            return true
        }
        let rest = bytes.drop { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) }
        let count = bytes.count - rest.count
        bytes = rest
        return count >= 3
    }

    /// Reads one to three digits.
    mutating func number() -> Int64? {
        let digits = bytes.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard (1...3).contains(digits.count) else { return nil }
        bytes = bytes.dropFirst(digits.count)
        return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    /// Reads `[+-]hh[:mm[:ss]]` as seconds.
    mutating func duration() -> Int64? {
        let sign: Int64 = take("-") ? -1 : 1
        if sign > 0 { _ = take("+") }
        guard var seconds = number().map({ $0 * 3600 }) else { return nil }
        for unit in [60, 1] as [Int64] where take(":") {
            guard let number = number() else { return nil }
            seconds += number * unit
        }
        return sign * seconds
    }
}
