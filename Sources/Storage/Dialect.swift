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
        /// At the end of a generated column: how its value is kept.
        ///
        /// An UPDATE that leaves an indexed generated column as it was changes no index on it.
        case generated
        /// A whole statement that creates a full-text index.
        case create(FullText)
        /// A whole statement that prepares a full-text index for searches of its newest documents.
        case divide(FullText)
        /// The column of a full-text index with the number of the document.
        case document
        /// The part of a `FullTextSearch` before its `FullTextQuery`.
        case found(FullTextSearch)
        /// The part after it.
        case foundEnd(FullTextSearch)
        /// Before a column of text in a condition or an order: the planner should use no index for
        /// it.
        ///
        /// It is for a condition that most rows meet, and for an order that should not choose the
        /// index. PostgreSQL estimates the share of a text by the number of different ones, which is
        /// enough.
        case unindexed
        /// The same before a column of numbers, and no engine uses an index.
        ///
        /// PostgreSQL plans once for all values, and then expects few rows in a range.
        case unindexedNumber
        /// At the end of a SELECT on which a write depends: locks the named table's rows until the
        /// transaction ends, so that no other writer changes, deletes or locks them.
        ///
        /// Several tables are separated by commas. In a read transaction it is nothing. An engine
        /// that runs one writer at a time needs no row locks.
        case alone(StaticString)
        /// The same with a shared lock: several writers hold a row, and none deletes it or locks it
        /// with `alone`.
        ///
        /// It does not wait for another writer's UPDATE of columns that are not keys, and no such
        /// UPDATE waits for it: the held row may have other values when the holder commits. A write
        /// that must wait for the holders therefore reads the row with `alone` before its UPDATE.
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
            case .generated: "generated"
            case .create(let index): "create \(index.name)"
            case .divide(let index): "divide \(index.name)"
            case .document: "document"
            case .found(let search): "found \(search.index.name) \(search.number)"
            case .foundEnd(let search): "found end \(search.index.name) \(search.number)"
            case .unindexed: "unindexed"
            case .unindexedNumber: "unindexed number"
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
            case .found(let search): -2 * search.number
            case .foundEnd(let search): -2 * search.number - 1
            case .keyed: -4
            case .weight: -5
            case .previous: -6
            case .serial: -7
            case .int64: -8
            case .strict: -9
            case .sum: -10
            case .sumEnd: -11
            case .unindexed: -12
            case .orderedJoin: -13
            case .alone: -14
            case .held: -15
            case .skipping: -16
            case .unindexedNumber: -17
            case .generated: -18
            case .divide: -19
            }
        }

        /// The address of the name that the dialect refers to, or another number that distinguishes
        /// it.
        var subject: UInt {
            switch self {
            case .identity, .serial, .int64, .strict, .keyed, .document, .sum, .sumEnd, .unindexed,
                .unindexedNumber, .orderedJoin, .skipping, .generated:
                0
            case .weight(let part): part.number
            case .create(let index), .divide(let index): UInt(bitPattern: index.name.utf8Start)
            case .found(let search), .foundEnd(let search):
                UInt(bitPattern: search.index.name.utf8Start)
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
