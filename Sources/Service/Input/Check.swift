import HTTP
import Storage
public import Values

/// What one field of the input must be, and the sentence its sender reads where it is not.
public struct Check<Value: Sendable>: Sendable {
    /// The end of a sentence that begins with the field: "must be an integer from 1 to 5".
    let rule: @Sendable () -> String
    /// Stands for the value while the rest of the input is still being read for more faults.
    let placeholder: Value
    let read: @Sendable (ClientJSON) -> Value?
    /// What to add to the rule about a value of a query; nil for nothing.
    let hint: @Sendable (ClientJSON) -> String?

    init(
        placeholder: Value, rule: @escaping @Sendable () -> String,
        hint: @escaping @Sendable (ClientJSON) -> String? = { _ in nil },
        read: @escaping @Sendable (ClientJSON) -> Value?
    ) {
        self.placeholder = placeholder
        self.rule = rule
        self.hint = hint
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
    ///
    /// What is finer than a millisecond is rounded up, so that `from` excludes what is before it and
    /// an exclusive `to` includes it.
    public static let instant = Check(
        placeholder: Instant(milliseconds: 0),
        rule: { "must be a time in RFC 3339, such as 2026-01-31T12:00:00Z" },
        hint: {
            guard case .string(let sent) = $0, let text = sent.string(bytesMax: timeBytesMax),
                text.utf8.contains(UInt8(ascii: " ")),
                Instant(rfc3339: text.withPlusForSpace) != nil
            else { return nil }
            return "; encode + as %2B"
        },
        read: {
            guard case .string(let sent) = $0, let text = sent.string(bytesMax: timeBytesMax)
            else { return nil }
            return Instant(rfc3339: text)
        })

    /// Leaves room for more digits of a second than any clock has.
    private static let timeBytesMax = 64
}

extension String {
    /// What was meant where a + was sent in a query, which reads it as a space.
    fileprivate var withPlusForSpace: String {
        let space = UInt8(ascii: " ")
        return String(decoding: utf8.map { $0 == space ? UInt8(ascii: "+") : $0 }, as: UTF8.self)
    }
}

extension Check<Day> {
    /// A day in UTC.
    public static let day = Check(
        placeholder: Day(number: 0), rule: { "must be a day such as 2026-01-31" },
        read: {
            guard case .string(let sent) = $0, let text = sent.string(bytesMax: 10)
            else { return nil }
            return Day(text: text)
        })
}

extension Check<String> {
    /// One line of text with `length` characters (Unicode code points) that `TextRule` accepts.
    public static func line(_ length: ClosedRange<Int>) -> Check {
        text(
            length, lineBreaks: false,
            rule:
                "must be one line of \(length.lowerBound) to \(length.upperBound) visible characters"
        )
    }

    /// The same with line breaks and tabs.
    public static func text(_ length: ClosedRange<Int>) -> Check {
        text(
            length, lineBreaks: true,
            rule: "must be text of \(length.lowerBound) to \(length.upperBound) visible characters")
    }

    /// One line that is compared or searched for and never shown, with `length` characters.
    ///
    /// People paste invisible characters along with what they search for, so only control characters
    /// and long runs of combining marks are refused.
    public static func typed(_ length: ClosedRange<Int>) -> Check {
        text(
            length,
            rule: "must be one line of \(length.lowerBound) to \(length.upperBound) characters"
        ) { text in
            text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
                && text.utf8.contains { $0 != 0x20 } && TextRule.boundsRuns(text)
        }
    }

    private static func text(
        _ length: ClosedRange<Int>, lineBreaks: Bool,
        rule: @autoclosure @escaping @Sendable () -> String
    ) -> Check {
        text(length, rule: rule()) { TextRule.accepts($0, lineBreaks: lineBreaks) }
    }

    private static func text(
        _ length: ClosedRange<Int>,
        rule: @autoclosure @escaping @Sendable () -> String,
        where isAllowed: @escaping @Sendable (String) -> Bool
    ) -> Check {
        Check(
            placeholder: "", rule: rule,
            read: {
                guard case .string(let sent) = $0,
                    let text = sent.string(bytesMax: 4 * length.upperBound),
                    length.contains(text.unicodeScalars.count), isAllowed(text)
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
                guard case .string(let sent) = $0, sent.byteCount >= length.lowerBound,
                    let text = sent.string(bytesMax: length.upperBound),
                    text.utf8.allSatisfy(isAllowed)
                else { return nil }
                return text
            })
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
                return Value.allCases.first { text.isSame(as: $0.rawValue) }
            })
    }
}
