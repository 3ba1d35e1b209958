/// A day of the proleptic Gregorian calendar.
///
/// The formulas are those of Howard Hinnant's "chrono-compatible low-level date algorithms". Years
/// begin in March, so that the leap day is the last day of a year.
struct CivilDate: Equatable {
    let year: Int64
    let month: Int64
    let day: Int64

    /// The day that is `days` after 1970-01-01.
    init(days: Int64) {
        let shifted = days + 719_468
        let dayOfEra = shifted.modulo(146_097)
        let era = (shifted - dayOfEra) / 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Nil if the calendar has no such day.
    init?(year: Int64, month: Int64, day: Int64) {
        guard (1...12).contains(month), (1...31).contains(day) else { return nil }
        self.year = year
        self.month = month
        self.day = day
        guard CivilDate(days: days) == self else { return nil }
    }

    /// Days since 1970-01-01.
    var days: Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let yearOfEra = shiftedYear.modulo(400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return (shiftedYear - yearOfEra) / 400 * 146_097 + dayOfEra - 719_468
    }
}

/// Writes numbers of a fixed width into a buffer.
struct DigitWriter {
    let text: UnsafeMutableBufferPointer<UInt8>
    var count = 0

    init(text: UnsafeMutableBufferPointer<UInt8>) {
        self.text = text
    }

    /// Writes `number`, which is below 100.
    @inline(__always)
    mutating func append(pair number: UInt32) {
        let tens = number / 10
        append(digit: tens)
        append(digit: number &- tens &* 10)
    }

    /// Writes `number`, which is below 10.
    @inline(__always)
    mutating func append(digit number: UInt32) {
        append(UInt8(truncatingIfNeeded: number) | UInt8(ascii: "0"))
    }

    /// Writes a separator.
    @inline(__always)
    mutating func append(_ separator: UInt8) {
        text[count] = separator
        count += 1
    }
}

/// Reads numbers of a fixed width from the start of a text.
struct DigitReader {
    private var bytes: Substring.UTF8View

    init(_ text: String) {
        bytes = Substring(text).utf8
    }

    var isAtEnd: Bool { bytes.isEmpty }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard bytes.first == UInt8(ascii: character) else { return false }
        bytes.removeFirst()
        return true
    }

    mutating func number(_ width: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<width {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// Reads `.` and at least one digit as milliseconds, rounded up; 0 if there is no fraction.
    mutating func fraction() -> Int64? {
        guard take(".") else { return 0 }
        guard var value = digit() else { return nil }
        var count = 1
        var isBetween = false
        while let digit = digit() {
            if count < 3 {
                value = value * 10 + digit
                count += 1
            } else if digit > 0 {
                isBetween = true
            }
        }
        while count < 3 {
            value *= 10
            count += 1
        }
        return isBetween ? value + 1 : value
    }

    /// Reads `Z`, or hours and minutes east of UTC with or without a colon, as minutes.
    mutating func offset() -> Int64? {
        if take("Z") || take("z") { return 0 }
        let sign: Int64 = take("-") ? -1 : 1
        guard sign < 0 || take("+"), let hours = number(2), hours < 24 else { return nil }
        _ = take(":")
        guard let minutes = number(2), minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }

    private mutating func digit() -> Int64? {
        guard let byte = bytes.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        else { return nil }
        bytes.removeFirst()
        return Int64(byte - UInt8(ascii: "0"))
    }
}
