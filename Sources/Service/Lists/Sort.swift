public import Storage

/// A sort order of a list by a column.
///
/// The id breaks ties, so the order is total.
public struct Sort: Sendable {
    /// The value of `sort=`, which cursors also contain: `price`, `-price`.
    public let name: String
    let column: SQL
    let isDescending: Bool
    /// The key at which the first page begins, so that an index finds it.
    let first: Value
    /// The key at which the last page ends; nil if it ends with the column's values.
    let last: Value?

    /// Ascending and descending orders by an integer column.
    ///
    /// They include the rows whose value is from `lowest` to `highest`.
    public static func integer(
        _ name: String, _ column: SQL, from lowest: Int64? = nil, to highest: Int64? = nil
    ) -> [Sort] {
        [
            Sort(
                name: name, column: column, isDescending: false, first: .integer(lowest ?? .min),
                last: highest.map(Value.integer)),
            descending("-" + name, column, from: lowest, to: highest),
        ]
    }

    /// Ascending and descending orders by a text column of at most 255 characters.
    ///
    /// No such text sorts after 256 times the last code point.
    public static func text(_ name: String, _ column: SQL) -> [Sort] {
        [
            ascending(name, column),
            Sort(
                name: "-" + name, column: column, isDescending: true, first: .text(highestText),
                last: nil),
        ]
    }

    // Created once: creating it took as long as reading half a page.
    private static let highestText = String(repeating: "\u{10FFFF}", count: 256)

    /// An ascending order by a text column, which begins at `lowest`.
    public static func ascending(_ name: String, _ column: SQL, from lowest: String = "") -> Sort {
        Sort(name: name, column: column, isDescending: false, first: .text(lowest), last: nil)
    }

    /// A descending order by an integer column.
    ///
    /// It includes the rows whose value is from `lowest` to `highest`.
    public static func descending(
        _ name: String, _ column: SQL, from lowest: Int64? = nil, to highest: Int64? = nil
    ) -> Sort {
        Sort(
            name: name, column: column, isDescending: true, first: .integer(highest ?? .max),
            last: lowest.map(Value.integer))
    }

    /// Whether `key` is before the first row in this order.
    ///
    /// The cursor is then from the list with another filter.
    func isBeforeFirst(_ key: Value) -> Bool {
        guard case (.integer(let first), .integer(let key)) = (first, key) else { return false }
        return isDescending ? key > first : key < first
    }
}
