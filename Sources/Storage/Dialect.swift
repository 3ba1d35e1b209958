extension SQL {
    /// What each engine spells in its own way; a slice says only what it means.
    public enum Dialect: Sendable {
        /// The type of a 64-bit primary key that the engine numbers itself: `id \(.identity)`.
        ///
        /// No number is given twice, not even after its row was deleted.
        case identity
        /// The same for a table of which nothing is deleted, or whose numbers nobody outside keeps:
        /// the next number is the one behind the highest and need not be kept.
        case serial
        /// The type of a 64-bit integer column.
        case int64
        /// After the last bracket of CREATE TABLE: a column holds values of its type only.
        ///
        /// Without it SQLite stores a sum beyond 64 bits as a floating-point number.
        case strict
        /// The same, and rows lie in the order of their primary key, which then needs no index of
        /// its own.
        case keyed
        /// A whole statement that makes a full-text index.
        case create(FullText)
        /// The number of the document that a row of a full-text index is of.
        case document
        /// A condition, in front of a hole that holds a `FullTextQuery`: the row fits it.
        case fits(FullText)
        /// How well a row fits, an integer: the more the better.
        ///
        /// Only beside `fits`.
        case score(FullText)
        /// In front of a column in a condition or an order: the planner uses no index for it.
        ///
        /// For a condition that most rows meet, and for an order other than the one to read in.
        case unindexed
        /// A join whose left side is read first, whatever the planner estimates.
        case orderedJoin
        /// An aggregate, called as `(n, sum…, key…)` with `n` sums: 0 where each of them adds up to 0
        /// for every key.
        ///
        /// Where one does not it is something else, but for one time in 2^61. It keeps no keys, so
        /// it costs no more than to read the rows, in whatever order they come.
        case weight
        /// An aggregate like SUM that never overflows: beyond 64 bits it stays at the nearest bound.
        ///
        /// SQLite's SUM fails there, and the sum of a few wrong rows must not stop a report.
        case sum
        /// A function, called as `('ledger', key, value)`: the value of the row before with the same
        /// key, in the order in which the statement reads its rows; 0 for the first.
        case previous
        /// A function of a text: its search words, as `searchWords` of the target Words makes them.
        ///
        /// For checks; what is written is made before it is bound.
        case words
        /// The same for `foldedKey`.
        case foldedKey
        /// The same for `sortKey`.
        case sortKey

        /// Tells two apart in a template.
        var mark: String {
            switch self {
            // Statements cannot tell them apart: a database with one is as good.
            case .identity, .serial: "identity"
            case .int64: "int64"
            case .strict: "strict"
            case .keyed: "keyed"
            case .create(let index): "create \(index.name)"
            case .document: "document"
            case .fits(let index): "fits \(index.name)"
            case .score(let index): "score \(index.name)"
            case .unindexed: "unindexed"
            case .orderedJoin: "ordered join"
            case .weight: "weight"
            case .sum: "sum"
            case .previous: "previous"
            case .words: "words"
            case .foldedKey: "folded key"
            case .sortKey: "sort key"
            }
        }

        /// Tells two apart in a statement's parts, together with `subject`; below zero.
        var number: Int {
            switch self {
            case .identity: -1
            case .create: -2
            case .document: -3
            case .fits: -4
            case .score: -5
            case .keyed: -6
            case .weight: -7
            case .previous: -8
            case .serial: -9
            case .int64: -10
            case .strict: -11
            case .words: -13
            case .foldedKey: -14
            case .sortKey: -15
            case .sum: -12
            case .unindexed: -16
            case .orderedJoin: -17
            }
        }

        /// The address of the name that it is about, or 0.
        var subject: UInt {
            switch self {
            case .identity, .serial, .int64, .strict, .keyed, .document, .weight, .sum, .previous,
                .words, .foldedKey, .sortKey, .unindexed, .orderedJoin:
                0
            case .create(let index), .fits(let index), .score(let index):
                UInt(bitPattern: index.name.utf8Start)
            }
        }
    }
}

/// A full-text index over documents that are numbered like the rows they are made from.
///
/// Its columns hold words, separated by spaces: of a–z, 0–9 and characters beyond ASCII. It compares
/// them as bytes. Rows are added, changed and deleted by SQL like a table's, with `.document` for the
/// number.
public struct FullText: Sendable {
    /// Its name among the tables.
    public let name: StaticString
    /// Its columns, and how much more a word counts in one than in another.
    public let columns: [(name: StaticString, weight: Int)]

    /// An index; all columns are text.
    public init(_ name: StaticString, _ columns: [(name: StaticString, weight: Int)]) {
        self.name = name
        self.columns = columns
    }
}

/// Words that a document must have, in any column and order.
public struct FullTextQuery: Sendable, Storable {
    private let text: String

    /// A query for all of `terms`; a prefix stands for every word that begins with it.
    ///
    /// A word that an index cannot hold is left out: a query has no operators.
    public init(_ terms: some Sequence<(word: String, isPrefix: Bool)>) {
        text =
            terms.filter { !$0.word.isEmpty && $0.word.utf8.allSatisfy(\.isOfWord) }
            .map { $0.isPrefix ? "\($0.word)*" : $0.word }
            .joined(separator: " ")
    }

    /// Whether it has no words: nothing fits such a query, and no engine takes it.
    public var isEmpty: Bool { text.isEmpty }

    /// The words, separated by spaces, a `*` after each prefix.
    public var stored: Value { .text(text) }

    /// Never read back.
    public init?(stored: Value) { nil }
}

extension UInt8 {
    fileprivate var isOfWord: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
            true
        default: false
        }
    }
}
