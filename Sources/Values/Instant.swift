import Glibc

/// A point in time, in milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
public struct Instant: Sendable, Hashable, Comparable {
    /// Milliseconds since the epoch.
    public let milliseconds: Int64

    /// Creates an instant from its milliseconds.
    @inlinable public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// The current time of the system clock.
    ///
    /// A responder reads it once per request and passes it to the handler.
    public static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// The instant `seconds` later, or earlier if `seconds` is negative.
    public func adding(seconds: Int64) -> Instant {
        Instant(milliseconds: milliseconds + seconds * 1000)
    }

    /// The instant `milliseconds` later, or earlier if `milliseconds` is negative.
    public func adding(milliseconds: Int64) -> Instant {
        Instant(milliseconds: self.milliseconds + milliseconds)
    }

    /// Compares by time.
    public static func < (left: Instant, right: Instant) -> Bool {
        left.milliseconds < right.milliseconds
    }
}

extension Instant {
    /// The RFC 3339 form in UTC with milliseconds: `2026-11-23T07:34:11.042Z`.
    ///
    /// Supports the years 0000 to 9999.
    public var rfc3339: String {
        String(unsafeUninitializedCapacity: 24, initializingUTF8With: writeRFC3339)
    }

    /// Writes the RFC 3339 form to 24 bytes of memory.
    /// - Returns: 24.
    public func writeRFC3339(to text: UnsafeMutableBufferPointer<UInt8>) -> Int {
        let millisecond = milliseconds.modulo(86_400_000)
        let date = CivilDate(days: (milliseconds - millisecond) / 86_400_000)
        let rest = UInt32(truncatingIfNeeded: millisecond)
        let year = UInt32(truncatingIfNeeded: date.year)
        var digits = DigitWriter(text: text)
        digits.append(pair: year / 100)
        digits.append(pair: year % 100)
        digits.append(UInt8(ascii: "-"))
        digits.append(pair: UInt32(truncatingIfNeeded: date.month))
        digits.append(UInt8(ascii: "-"))
        digits.append(pair: UInt32(truncatingIfNeeded: date.day))
        digits.append(UInt8(ascii: "T"))
        digits.append(pair: rest / 3_600_000)
        digits.append(UInt8(ascii: ":"))
        digits.append(pair: rest / 60_000 % 60)
        digits.append(UInt8(ascii: ":"))
        digits.append(pair: rest / 1000 % 60)
        digits.append(UInt8(ascii: "."))
        digits.append(pair: rest % 1000 / 10)
        digits.append(digit: rest % 10)
        digits.append(UInt8(ascii: "Z"))
        return digits.count
    }

    /// Reads RFC 3339 §5.6 with any offset, whose colon may be missing (ISO 8601's `+0200`).
    ///
    /// A fraction finer than a millisecond is rounded up to the next millisecond. A leap second,
    /// 23:59:60 in UTC, is read as the first second of the next day, because `Instant` has no leap
    /// seconds.
    public init?(rfc3339 text: String) {
        var parts = DigitReader(text)
        guard let year = parts.number(4), parts.take("-"), let month = parts.number(2),
            parts.take("-"),
            let day = parts.number(2), let date = CivilDate(year: year, month: month, day: day),
            parts.take("T") || parts.take("t"),
            let hour = parts.number(2), hour < 24, parts.take(":"),
            let minute = parts.number(2), minute < 60, parts.take(":"),
            let second = parts.number(2), second <= 60,
            let millisecond = parts.fraction(), let offset = parts.offset(), parts.isAtEnd
        else { return nil }
        let minutes = hour * 60 + minute - offset
        guard second < 60 || minutes.modulo(1440) == 1439 else { return nil }
        let time = (minutes * 60 + second) * 1000 + millisecond
        self.init(milliseconds: date.days * 86_400_000 + time)
    }
}

extension Int64 {
    /// The remainder of a division rounded down, which is never negative.
    func modulo(_ divisor: Int64) -> Int64 {
        let rest = self % divisor
        return rest < 0 ? rest + divisor : rest
    }
}
