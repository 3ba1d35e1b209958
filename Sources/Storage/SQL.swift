/// A statement with constant text and bound values.
///
/// `"… WHERE id = \(id)"` does not put `id` into the text: the engine gets `$1` and the value
/// separately. A hole takes a `Storable` value or another piece of SQL. These do not compile: an
/// `Int` or a `Double`, whose width or rounding differs from the column's; `+`; and a `String` for
/// the whole statement. `SQLDoesNotCompileTests` verifies that.
public struct SQL: Sendable, ExpressibleByStringInterpolation {
    /// Literals, holes and dialects in order.
    ///
    /// Literals have fixed addresses, so a statement is identified without reading its text.
    /// Building and hashing the text took as long as reading a product.
    public private(set) var parts: [Part]
    /// The values of the holes, in order.
    public private(set) var values: [Value]
    private var dialects: [Dialect]

    /// A piece of a statement in the source; equal parts have the same address.
    public struct Part: Sendable, Hashable {
        /// The address of the literal, or of the name that a dialect refers to.
        fileprivate let address: UInt
        /// The length of a literal in bytes; 0 for a hole, negative for a dialect.
        fileprivate let count: Int

        static let hole = Part(address: 0, count: 0)

        fileprivate init(address: UInt, count: Int) {
            self.address = address
            self.count = count
        }

        fileprivate init(_ text: StaticString) {
            // A literal in quotes has an address; only one made from a code point has none.
            address = UInt(bitPattern: text.utf8Start)
            count = text.utf8CodeUnitCount
        }

        fileprivate var text: String {
            String(
                decoding: UnsafeBufferPointer(
                    start: UnsafePointer<UInt8>(bitPattern: address), count: count),
                as: UTF8.self)
        }

        /// Hashes the address alone, which distinguishes nearly all parts.
        public func hash(into hasher: inout Hasher) { hasher.combine(address) }
    }

    /// Creates a statement without holes.
    public init(stringLiteral text: StaticString) {
        parts = text.utf8CodeUnitCount == 0 ? [] : [Part(text)]
        values = []
        dialects = []
    }

    /// Creates a statement with holes; the compiler calls this.
    public init(stringInterpolation: StringInterpolation) {
        parts = stringInterpolation.parts
        values = stringInterpolation.values
        dialects = stringInterpolation.dialects
    }

    /// Whether the other statement has the same text and the same values.
    public func isSame(as other: SQL) -> Bool {
        parts == other.parts && values == other.values
    }

    /// The text that an engine prepares, with holes numbered `$1`, `$2` … in order.
    ///
    /// `spelled` returns the engine's text for a dialect.
    public func text(spelled: (Dialect) -> String) -> String {
        var number = 0
        return text(spelled: spelled) {
            number += 1
            return "$\(number)"
        }
    }

    /// The text with a mark for each hole, which identifies the statement whatever its values.
    public var template: String {
        text(spelled: { "\u{2}\($0.mark)\u{2}" }, hole: { "\u{1}" })
    }

    private func text(spelled: (Dialect) -> String, hole: () -> String) -> String {
        var text = ""
        var dialects = dialects[...]
        for part in parts {
            if part == .hole {
                text += hole()
            } else if part.count > 0 {
                text += part.text
            } else if let dialect = dialects.popFirst() {
                text += spelled(dialect)
            }
        }
        return text
    }

    /// Collects literal text and holes.
    public struct StringInterpolation: StringInterpolationProtocol {
        var parts: [Part] = []
        var values: [Value] = []
        var dialects: [Dialect] = []

        /// Reserves the memory that the compiler estimated.
        public init(literalCapacity: Int, interpolationCount: Int) {
            parts.reserveCapacity(2 * interpolationCount + 1)
            values.reserveCapacity(interpolationCount)
        }

        /// Appends a literal of the source.
        public mutating func appendLiteral(_ literal: StaticString) {
            if literal.utf8CodeUnitCount > 0 { parts.append(Part(literal)) }
        }

        /// Appends a bound value.
        public mutating func appendInterpolation(_ value: some Storable) {
            parts.append(.hole)
            values.append(value.stored)
        }

        /// Appends a piece of SQL with its own holes, such as an optional condition.
        public mutating func appendInterpolation(_ piece: SQL) {
            parts += piece.parts
            values += piece.values
            if !piece.dialects.isEmpty { dialects += piece.dialects }
        }

        /// Appends a part that the engine spells in its own way.
        public mutating func appendInterpolation(_ dialect: Dialect) {
            parts.append(Part(address: dialect.subject, count: dialect.number))
            dialects.append(dialect)
        }
    }
}

extension SQL {
    /// The number that a text of decimal digits spells, or NULL for another text.
    ///
    /// CAST alone fails on another text in PostgreSQL, and returns 0 in SQLite.
    public init(number text: SQL) {
        self = """
            CASE WHEN rtrim(\(text), '0123456789') = '' AND length(\(text)) BETWEEN 1 AND 18
                THEN CAST(\(text) AS \(.int64)) END
            """
    }
}

extension [SQL] {
    /// `WHERE a AND b …`, or nothing if there is no condition.
    public var conditions: SQL {
        guard let first else { return "" }
        return dropFirst().reduce("WHERE \(first)") { "\($0) AND \($1)" }
    }
}

extension Array where Element: Storable {
    /// `(1, 2, 3)` with a hole for each value, to follow IN.
    ///
    /// An empty list matches no row.
    public var list: SQL {
        guard let first else { return "(NULL)" }
        var text = SQL.StringInterpolation(literalCapacity: 0, interpolationCount: count)
        text.appendLiteral("(")
        text.appendInterpolation(first)
        for value in dropFirst() {
            text.appendLiteral(", ")
            text.appendInterpolation(value)
        }
        text.appendLiteral(")")
        return SQL(stringInterpolation: text)
    }

    /// The same list with at least `count` values, unless it has one: the last one is repeated.
    ///
    /// A statement for lists of any length would be prepared for each length.
    public func list(filledTo count: Int) -> SQL {
        guard let last, self.count > 1 else { return list }
        return (self + Array(repeating: last, count: Swift.max(0, count - self.count))).list
    }
}
