/// A statement whose text was written by us and whose holes hold values.
///
/// `"… WHERE id = \(id)"` keeps `id` out of the text: the engine gets `$1` and, apart from it, the
/// value. A hole takes what is `Storable`, or a piece of SQL. An `Int` or a `Double` does not
/// compile (their width, and their rounding, are not the column's), nor does `+`, nor a `String` in
/// place of the whole. `SQLDoesNotCompileTests` holds that.
public struct SQL: Sendable, ExpressibleByStringInterpolation {
    /// The text with one mark a hole, the key under which an engine caches what it prepared.
    public private(set) var template: String
    /// What the holes hold, in their order.
    public private(set) var values: [Value]
    private var dialects: [Dialect]

    static let hole: Character = "\u{1}"
    static let dialect: Character = "\u{2}"

    /// A statement without holes.
    public init(stringLiteral text: StaticString) {
        template = text.description
        values = []
        dialects = []
    }

    /// A statement with holes; the compiler calls this.
    public init(stringInterpolation: StringInterpolation) {
        template = stringInterpolation.template
        values = stringInterpolation.values
        dialects = stringInterpolation.dialects
    }

    /// The text as an engine prepares it: holes numbered `$1`, `$2` … as they are met, and what it
    /// spells in its own way by `spelled`.
    public func text(spelled: (Dialect) -> String) -> String {
        var text = ""
        var number = 0
        var dialects = dialects[...]
        // Every other part is the mark of a dialect.
        for (index, part) in template.split(
            separator: SQL.dialect, omittingEmptySubsequences: false
        ).enumerated() {
            if index % 2 == 1, let dialect = dialects.popFirst() {
                text += spelled(dialect)
                continue
            }
            for character in part {
                guard character == SQL.hole else {
                    text.append(character)
                    continue
                }
                number += 1
                text += "$\(number)"
            }
        }
        return text
    }

    /// Collects literal text and holes.
    public struct StringInterpolation: StringInterpolationProtocol {
        var template = ""
        var values: [Value] = []
        var dialects: [Dialect] = []

        /// Room for what the compiler counted.
        public init(literalCapacity: Int, interpolationCount: Int) {
            template.reserveCapacity(literalCapacity + interpolationCount)
            values.reserveCapacity(interpolationCount)
        }

        /// Text written in the source.
        public mutating func appendLiteral(_ literal: StaticString) {
            literal.withUTF8Buffer { template += String(decoding: $0, as: UTF8.self) }
        }

        /// A value: bound, never spelled out.
        public mutating func appendInterpolation(_ value: some Storable) {
            template.append(SQL.hole)
            values.append(value.stored)
        }

        /// A piece of SQL with its own holes, such as an optional condition.
        public mutating func appendInterpolation(_ piece: SQL) {
            template += piece.template
            values += piece.values
            dialects += piece.dialects
        }

        /// What the engine spells in its own way.
        public mutating func appendInterpolation(_ dialect: Dialect) {
            template += "\(SQL.dialect)\(dialect.mark)\(SQL.dialect)"
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
