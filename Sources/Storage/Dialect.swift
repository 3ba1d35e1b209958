extension SQL {
    /// The parts of SQL that each engine spells in its own way.
    public enum Dialect: Sendable {
        /// The type of a 64-bit primary key that the engine numbers: `id \(.identity)`.
        ///
        /// The engine never reuses a number, not even after its row was deleted.
        case identity
        /// The type of a numbered primary key that may reuse the highest number after a DELETE.
        ///
        /// It is for tables without deletions, or whose numbers are not kept outside the database.
        /// The engine stores no counter for it.
        case serial
        /// The type of a 64-bit integer column.
        case int64
        /// After the last bracket of CREATE TABLE: a column rejects values of another type.
        ///
        /// Without it SQLite stores a sum beyond 64 bits as a floating-point number.
        case strict
        /// The same as `strict`, with rows stored in the order of their primary key.
        ///
        /// The primary key then needs no separate index.
        case keyed
        /// A whole statement that creates a full-text index.
        case create(FullText)
        /// The column of a full-text index with the number of the document.
        case document
        /// The start of a query for the documents that match the `FullTextQuery` in the hole after
        /// it, up to `foundEnd`.
        ///
        /// Its columns are `id`, the number of the document, and `score`: how well the document
        /// matches, where higher is better. Unless `isRanked`, each score is 0.
        case found(FullText, isRanked: Bool)
        /// The end of the condition that `found` begins; ORDER BY and LIMIT may follow.
        case foundEnd
        /// Before a column in a condition or an order: the planner uses no index for it.
        ///
        /// It is for a condition that most rows meet, and for an order that should not choose the
        /// index.
        case unindexed
        /// At the end of a SELECT on which a write depends: locks the named table's rows until the
        /// transaction ends, so that no other writer changes, deletes or locks them.
        ///
        /// Several tables are separated by commas. In a read transaction it is nothing. An engine
        /// that runs one writer at a time needs no row locks.
        case alone(StaticString)
        /// The same with a shared lock: several writers hold a row, and none deletes it or locks it
        /// with `alone`.
        ///
        /// An UPDATE of columns that are not keys does not wait for it. A write that must wait for
        /// the holders therefore reads the row with `alone` before its UPDATE.
        case held(StaticString)
        /// The same as `alone` for all tables, without the rows that another writer has locked.
        case skipping
        /// A join that reads its left side first, whatever the planner estimates.
        case orderedJoin
        /// A part of the aggregate that `SQL(weight:of:)` makes.
        case weight(WeightPart)
        /// The start of an aggregate like SUM that saturates at the limits of 64 bits; `sumEnd`
        /// follows its argument.
        ///
        /// SUM of SQLite fails there, and a few wrong rows must not stop a report.
        case sum
        /// The end of the argument of `sum`.
        case sumEnd
        /// An expression: `value` of the row before this one with the same `key`, or 0 for the
        /// first.
        ///
        /// It is for a SELECT from `ledger` alone, in the order of its column `id`.
        case previous(StaticString, key: StaticString, value: StaticString)

        /// Distinguishes dialects in a template.
        var mark: String {
            switch self {
            // Both are spelled the same in statements other than CREATE TABLE.
            case .identity, .serial: "identity"
            case .int64: "int64"
            case .strict: "strict"
            case .keyed: "keyed"
            case .create(let index): "create \(index.name)"
            case .document: "document"
            case .found(let index, let isRanked): "found \(index.name) \(isRanked)"
            case .foundEnd: "found end"
            case .unindexed: "unindexed"
            case .orderedJoin: "ordered join"
            case .alone(let tables): "alone \(tables)"
            case .held(let tables): "held \(tables)"
            case .skipping: "skipping"
            case .weight(let part): "weight \(part)"
            case .sum: "sum"
            case .sumEnd: "sum end"
            case .previous(let ledger, _, _): "previous \(ledger)"
            }
        }

        /// Distinguishes dialects among the parts of a statement, together with `subject`;
        /// negative.
        var number: Int {
            switch self {
            case .identity: -1
            case .create: -2
            case .document: -3
            case .found(_, let isRanked): isRanked ? -4 : -5
            case .keyed: -6
            case .weight: -7
            case .previous: -8
            case .serial: -9
            case .int64: -10
            case .strict: -11
            case .sum: -12
            case .sumEnd: -13
            case .foundEnd: -14
            case .unindexed: -15
            case .orderedJoin: -16
            case .alone: -17
            case .held: -18
            case .skipping: -19
            }
        }

        /// The address of the name that the dialect refers to, or another number that distinguishes
        /// it.
        var subject: UInt {
            switch self {
            case .identity, .serial, .int64, .strict, .keyed, .document, .sum, .sumEnd, .foundEnd,
                .unindexed, .orderedJoin, .skipping:
                0
            case .weight(let part): part.number
            case .create(let index), .found(let index, _): UInt(bitPattern: index.name.utf8Start)
            case .previous(let ledger, _, _): UInt(bitPattern: ledger.utf8Start)
            case .alone(let tables), .held(let tables): UInt(bitPattern: tables.utf8Start)
            }
        }
    }
}

/// Aggregates.
extension SQL {
    /// A part of `SQL(weight:of:)`: `open sum key … next sum key … close`.
    public enum WeightPart: Sendable {
        /// Begins the aggregate of so many sums.
        case open(Int)
        /// Follows a sum and precedes its key; the number counts from 1.
        case key(Int)
        /// Precedes every sum but the first.
        case next
        case close

        var number: UInt {
            switch self {
            case .open(let count): UInt(count) << 2
            case .key(let index): UInt(index) << 2 | 1
            case .next: 2
            case .close: 3
            }
        }
    }

    /// An aggregate over all rows: 0 if each of `sums` is 0 for every value of `key`.
    ///
    /// Otherwise it is another number, except with a probability of 2^-61. It stores no keys, so
    /// it costs no more than reading the rows, in any order (docs/decisions/0003).
    public init(weight sums: [SQL], of key: SQL) {
        var text: SQL = "\(.weight(.open(sums.count)))"
        for (index, sum) in sums.enumerated() {
            let next: SQL = index == 0 ? "" : "\(.weight(.next))"
            text = "\(text)\(next)\(sum)\(.weight(.key(index + 1)))\(key)"
        }
        self = "\(text)\(.weight(.close))"
    }

    /// An aggregate like SUM that saturates at the limits of 64 bits, NULL without rows.
    public init(sum value: SQL) {
        self = "\(.sum)\(value)\(.sumEnd)"
    }
}

/// A full-text index over documents that have the numbers of their source rows.
///
/// Its columns hold words of a–z, 0–9 and characters beyond ASCII, separated by spaces. It compares
/// words as bytes. SQL adds, changes and deletes its rows like those of a table, with `.document`
/// for the number.
public struct FullText: Sendable {
    /// The name of the index.
    public let name: StaticString
    /// The columns, and the weight of a word in each of them.
    public let columns: [(name: StaticString, weight: Int)]

    /// Creates an index whose columns are all text.
    public init(_ name: StaticString, _ columns: [(name: StaticString, weight: Int)]) {
        self.name = name
        self.columns = columns
    }
}

/// The words that a document must contain, in any column and order.
public struct FullTextQuery: Sendable, Storable {
    private let text: String

    /// Creates a query for all of `terms`; a prefix matches every word that begins with it.
    ///
    /// Words that an index cannot hold are left out, so a query never contains operators.
    public init(_ terms: some Sequence<(word: String, isPrefix: Bool)>) {
        text =
            terms.filter { !$0.word.isEmpty && $0.word.utf8.allSatisfy(\.isOfWord) }
            .map { $0.isPrefix ? "\($0.word)*" : $0.word }
            .joined(separator: " ")
    }

    /// Whether the query has no words: it matches nothing, and engines reject it.
    public var isEmpty: Bool { text.isEmpty }

    /// The words, separated by spaces, with a `*` after each prefix.
    public var stored: Value { .text(text) }

    /// Always nil, because a query is never read from a column.
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
