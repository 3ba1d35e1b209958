/// A statement whose text was written by us and whose holes hold values.
///
/// `"… WHERE id = \(id)"` keeps `id` out of the text: the engine gets `$1` and, apart from it, the
/// value. A hole takes what is `Storable`, or a piece of SQL. An `Int` or a `Double` does not
/// compile (their width, and their rounding, are not the column's), nor does `+`, nor a `String` in
/// place of the whole. `SQLDoesNotCompileTests` holds that.
public struct SQL: Sendable, ExpressibleByStringInterpolation {
    /// Literals, holes and dialects in their order.
    ///
    /// Literals stand for ever at one address, so a statement is told from others without reading
    /// its text: building and hashing that took as long as reading a product does.
    public private(set) var parts: [Part]
    /// What the holes hold, in their order.
    public private(set) var values: [Value]
    private var dialects: [Dialect]

    /// A piece of a statement as it was written; equal parts are the same piece of source.
    public struct Part: Sendable, Hashable {
        /// Of the literal, or of the name that a dialect is about.
        fileprivate let address: UInt
        /// Bytes of the literal; 0 for a hole, below that for a dialect.
        fileprivate let count: Int

        static let hole = Part(address: 0, count: 0)

        fileprivate init(address: UInt, count: Int) {
            self.address = address
            self.count = count
        }

        fileprivate init(_ text: StaticString) {
            // A literal in quotes has an address; only one that is made from a code point has none.
            address = UInt(bitPattern: text.utf8Start)
            count = text.utf8CodeUnitCount
        }

        fileprivate var text: String {
            String(
                decoding: UnsafeBufferPointer(
                    start: UnsafePointer<UInt8>(bitPattern: address), count: count),
                as: UTF8.self)
        }

        /// By the address alone, which is nearly all there is to tell.
        public func hash(into hasher: inout Hasher) { hasher.combine(address) }
    }

    /// A statement without holes.
    public init(stringLiteral text: StaticString) {
        parts = text.utf8CodeUnitCount == 0 ? [] : [Part(text)]
        values = []
        dialects = []
    }

    /// A statement with holes; the compiler calls this.
    public init(stringInterpolation: StringInterpolation) {
        parts = stringInterpolation.parts
        values = stringInterpolation.values
        dialects = stringInterpolation.dialects
    }

    /// The text as an engine prepares it: holes numbered `$1`, `$2` … as they are met, and what it
    /// spells in its own way by `spelled`.
    public func text(spelled: (Dialect) -> String) -> String {
        var number = 0
        return text(spelled: spelled) {
            number += 1
            return "$\(number)"
        }
    }

    /// The text with one mark a hole: what a statement is, whatever it is run with.
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

        /// Room for what the compiler counted.
        public init(literalCapacity: Int, interpolationCount: Int) {
            parts.reserveCapacity(2 * interpolationCount + 1)
            values.reserveCapacity(interpolationCount)
        }

        /// Text written in the source.
        public mutating func appendLiteral(_ literal: StaticString) {
            if literal.utf8CodeUnitCount > 0 { parts.append(Part(literal)) }
        }

        /// A value: bound, never spelled out.
        public mutating func appendInterpolation(_ value: some Storable) {
            parts.append(.hole)
            values.append(value.stored)
        }

        /// A piece of SQL with its own holes, such as an optional condition.
        public mutating func appendInterpolation(_ piece: SQL) {
            parts += piece.parts
            values += piece.values
            if !piece.dialects.isEmpty { dialects += piece.dialects }
        }

        /// What the engine spells in its own way.
        public mutating func appendInterpolation(_ dialect: Dialect) {
            parts.append(Part(address: dialect.subject, count: dialect.number))
            dialects.append(dialect)
        }
    }
}

extension [SQL] {
    /// `WHERE a AND b …`, or nothing where there is no condition.
    public var conditions: SQL {
        guard let first else { return "" }
        return dropFirst().reduce("WHERE \(first)") { "\($0) AND \($1)" }
    }
}

extension [Int64] {
    /// `(1, 2, 3)` with a hole for each, to stand behind IN.
    ///
    /// An empty list is in no row.
    public var list: SQL {
        guard let first else { return "(NULL)" }
        let values = dropFirst().reduce("\(first)" as SQL) { "\($0), \($1)" }
        return "(\(values))"
    }
}
