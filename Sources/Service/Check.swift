import HTTP
public import Storage

/// What one field of the input must be, and the sentence its sender reads where it is not.
public struct Check<Value: Sendable>: Sendable {
    /// The end of a sentence that begins with the field: "must be an integer from 1 to 5".
    let rule: @Sendable () -> String
    /// Stands for the value while the rest of the input is still being read for more faults.
    let placeholder: Value
    let read: @Sendable (JSON) -> Value?

    init(
        placeholder: Value, rule: @escaping @Sendable () -> String,
        read: @escaping @Sendable (JSON) -> Value?
    ) {
        self.placeholder = placeholder
        self.rule = rule
        self.read = read
    }
}

extension Check<Int64> {
    /// An integer within `range`.
    public static func integer(_ range: ClosedRange<Int64>) -> Check {
        Check(
            placeholder: range.lowerBound,
            rule: { "must be an integer from \(range.lowerBound) to \(range.upperBound)" },
            read: {
                guard case .integer(let value) = $0, range.contains(value) else { return nil }
                return value
            })
    }

    /// An id, as any resource has one.
    public static let id = integer(1...Int64.max)
}

extension Check<Money> {
    /// An amount in minor units within `range`.
    public static func money(_ range: ClosedRange<Int64>) -> Check {
        let cents = Check<Int64>.integer(range)
        return Check(
            placeholder: .zero,
            rule: {
                "must be an integer of minor units from \(range.lowerBound) to \(range.upperBound)"
            },
            read: { cents.read($0).map(Money.init(minorUnits:)) })
    }
}

extension Check<Bool> {
    /// True or false.
    public static let flag = Check(
        placeholder: false, rule: { "must be true or false" },
        read: {
            guard case .bool(let value) = $0 else { return nil }
            return value
        })
}

extension Check<Instant> {
    /// A moment in RFC 3339.
    public static let instant = Check(
        placeholder: Instant(milliseconds: 0),
        rule: { "must be a time in RFC 3339, such as 2026-01-31T12:00:00Z" },
        read: {
            guard case .string(let text) = $0 else { return nil }
            return Instant(rfc3339: text)
        })
}

extension Check<Day> {
    /// A day in UTC.
    public static let day = Check(
        placeholder: Day(number: 0), rule: { "must be a day such as 2026-01-31" },
        read: {
            guard case .string(let text) = $0 else { return nil }
            return Day(text: text)
        })
}

extension Check<String> {
    /// One line of text with `length` characters (Unicode code points), not all of them spaces.
    public static func line(_ length: ClosedRange<Int>) -> Check {
        text(
            length,
            rule: "must be one line of \(length.lowerBound) to \(length.upperBound) characters"
        ) {
            $0.value >= 0x20 && $0.value != 0x7F
        }
    }

    /// Text with `length` characters that may have line breaks and tabs, not all of it spaces.
    public static func text(_ length: ClosedRange<Int>) -> Check {
        text(
            length,
            rule:
                "must be text of \(length.lowerBound) to \(length.upperBound) characters without control characters"
        ) {
            $0.value >= 0x20 && $0.value != 0x7F || $0 == "\n" || $0 == "\r" || $0 == "\t"
        }
    }

    private static func text(
        _ length: ClosedRange<Int>, rule: @autoclosure @escaping @Sendable () -> String,
        allowing isAllowed: @escaping @Sendable (Unicode.Scalar) -> Bool
    ) -> Check {
        Check(
            placeholder: "", rule: rule,
            read: {
                guard case .string(let text) = $0, length.contains(text.unicodeScalars.count),
                    text.unicodeScalars.allSatisfy(isAllowed),
                    text.isEmpty || !text.allSatisfy(\.isWhitespace)
                else { return nil }
                return text
            })
    }

    /// Text with `length` bytes, each of which `isAllowed`; `rule` is the whole sentence.
    public static func ascii(
        _ length: ClosedRange<Int>, rule: @autoclosure @escaping @Sendable () -> String,
        where isAllowed: @escaping @Sendable (UInt8) -> Bool
    ) -> Check {
        Check(
            placeholder: "", rule: rule,
            read: {
                guard case .string(let text) = $0, length.contains(text.utf8.count),
                    text.utf8.allSatisfy(isAllowed)
                else { return nil }
                return text
            })
    }

    /// Anything of `length` bytes, such as a password.
    public static func bytes(_ length: ClosedRange<Int>) -> Check {
        ascii(length, rule: "must be text of \(length.lowerBound) to \(length.upperBound) bytes") {
            $0 != 0
        }
    }
}

extension Check where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the cases of an enumeration, by its raw value.
    public static func choice(_ placeholder: Value) -> Check {
        Check(
            placeholder: placeholder,
            rule: { "must be one of: \(Value.allCases.map(\.rawValue).joined(separator: ", "))" },
            read: {
                guard case .string(let text) = $0 else { return nil }
                return Value(rawValue: text)
            })
    }
}
