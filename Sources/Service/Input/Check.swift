import HTTP
import Storage
public import Values

/// The rule for one field of the input, and the message for a value that breaks it.
public struct Check<Value: Sendable>: Sendable {
    /// The message without the name of the field: "must be an integer from 1 to 5".
    let rule: @Sendable () -> String
    /// Replaces an invalid value while the rest of the input is read.
    let placeholder: Value
    let read: @Sendable (ClientJSON) -> Value?
    /// A hint that is added to the message for a query value, or nil.
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

extension Check {
    /// This check, for values that also satisfy `isAllowed`; the message stays the same.
    public func satisfying(_ isAllowed: @escaping @Sendable (Value) -> Bool) -> Check {
        let check = self
        return Check(
            placeholder: placeholder, rule: rule, hint: hint,
            read: { check.read($0).flatMap { isAllowed($0) ? $0 : nil } })
    }
}

extension Check<Int64> {
    /// An integer in `range`.
    public static func integer(_ range: ClosedRange<Int64>) -> Check {
        Check(
            placeholder: range.lowerBound,
            rule: { "must be an integer from \(range.lowerBound) to \(range.upperBound)" },
            read: {
                guard case .integer(let value) = $0, range.contains(value) else { return nil }
                return value
            })
    }

    /// A positive id of a resource.
    public static let id = integer(1...Int64.max)
}

extension Check<Money> {
    /// An amount in minor units in `range`.
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
    /// A Boolean.
    public static let flag = Check(
        placeholder: false, rule: { "must be true or false" },
        read: {
            guard case .bool(let value) = $0 else { return nil }
            return value
        })
}

extension Check<Instant> {
    /// An RFC 3339 time.
    ///
    /// A fraction finer than a millisecond is rounded up. Thus `from` excludes times before it, and
    /// an exclusive `to` includes them.
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

    /// The largest length of a time in bytes, more than the digits of any clock.
    private static let timeBytesMax = 64
}

extension String {
    /// The text with `+` for each space: a query decodes an unescaped `+` as a space.
    fileprivate var withPlusForSpace: String {
        let space = UInt8(ascii: " ")
        return String(decoding: utf8.map { $0 == space ? UInt8(ascii: "+") : $0 }, as: UTF8.self)
    }
}

extension Check<Day> {
    /// A UTC day.
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

    /// Text with line breaks and tabs, and otherwise like `line`.
    public static func text(_ length: ClosedRange<Int>) -> Check {
        text(
            length, lineBreaks: true,
            rule: "must be text of \(length.lowerBound) to \(length.upperBound) visible characters")
    }

    /// One line of `length` characters that is compared or searched for but never shown.
    ///
    /// People paste invisible characters with a search text. Only control characters and long runs
    /// of combining marks are therefore rejected.
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

    /// Text of `length` bytes that all satisfy `isAllowed`; `rule` is the whole message.
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

extension Check<String> {
    /// A text that the shop has stored itself, such as a value in the payload of a job.
    public static let stored = Check(
        placeholder: "", rule: { "must be text" },
        read: {
            guard case .string(let text) = $0 else { return nil }
            return String(text.utf8)
        })
}

extension Check<String> {
    /// An http or https URL of at most 2,000 bytes in printable ASCII, for people to open.
    public static let webURL = Check.ascii(
        10...2000, rule: "must be an https or http URL of at most 2000 bytes"
    ) { (0x21...0x7E).contains($0) }.satisfying { url in
        ["https://", "http://"].contains { url.hasPrefix($0) && url.utf8.count > $0.utf8.count }
    }
}

extension Check where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the raw values of an enumeration.
    public static func choice(_ placeholder: Value) -> Check {
        choice(of: Array(Value.allCases), placeholder)
    }

    /// The raw value of one of `values`.
    public static func choice(of values: [Value], _ placeholder: Value) -> Check {
        Check(
            placeholder: placeholder,
            rule: { "must be one of: \(values.map(\.rawValue).joined(separator: ", "))" },
            read: {
                guard case .string(let text) = $0 else { return nil }
                return values.first { text.isSame(as: $0.rawValue) }
            })
    }
}
