public import Storage

/// A column that a list can be ordered by.
///
/// The id breaks ties, so the order is total.
public struct Sort: Sendable {
    /// As `sort=` spells it, and what a cursor remembers: `price`, `-price`.
    public let name: String
    let column: SQL
    let isDescending: Bool
    /// Where the first page begins, by which it is found in the index.
    let first: Value
    /// Where the last page ends; nil where the column itself does.
    let last: Value?

    /// An order by an integer column, up and down, of the rows that have `lowest` to `highest` in
    /// it.
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

    /// An order by a text column of at most 255 characters, up and down.
    ///
    /// Nothing of that length sorts behind 256 times the last code point.
    public static func text(_ name: String, _ column: SQL) -> [Sort] {
        [
            ascending(name, column),
            Sort(
                name: "-" + name, column: column, isDescending: true, first: .text(highestText),
                last: nil),
        ]
    }

    // Made once: it took as long as reading half a page.
    private static let highestText = String(repeating: "\u{10FFFF}", count: 256)

    /// An order by a text column, upwards only, that begins at `lowest`.
    public static func ascending(_ name: String, _ column: SQL, from lowest: String = "") -> Sort {
        Sort(name: name, column: column, isDescending: false, first: .text(lowest), last: nil)
    }

    /// An order by an integer column, downwards only, of the rows that have `lowest` to `highest`
    /// in it.
    public static func descending(
        _ name: String, _ column: SQL, from lowest: Int64? = nil, to highest: Int64? = nil
    ) -> Sort {
        Sort(
            name: name, column: column, isDescending: true, first: .integer(highest ?? .max),
            last: lowest.map(Value.integer))
    }

    /// Whether a page behind `key` would begin before the first row: another filter gave the
    /// cursor.
    func begins(behind key: Value) -> Bool {
        guard case (.integer(let first), .integer(let key)) = (first, key) else { return false }
        return isDescending ? key > first : key < first
    }
}
