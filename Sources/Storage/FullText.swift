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

/// Which documents a search selects, apart from its words.
public struct FullTextSearch: Sendable {
    /// The index.
    public let index: FullText
    /// The largest number of documents: the newest ones that match, by their numbers.
    public let newest: Int
    /// Whether each document has a score; otherwise all scores are 0.
    public let isRanked: Bool

    /// Distinguishes searches in the same index; at least 16, as `Dialect.number` needs it.
    var number: Int { 16 + 2 * newest + (isRanked ? 1 : 0) }
}

extension SQL {
    /// A query for the `newest` documents of `index` that match `words`, in any order.
    ///
    /// Its columns are `id`, the number of the document, and `score`: how well the document
    /// matches, where higher is better. It goes into brackets after FROM.
    public init(
        newest: Int, of index: FullText, matching words: FullTextQuery, isRanked: Bool = true
    ) {
        let search = FullTextSearch(index: index, newest: newest, isRanked: isRanked)
        self = "\(.found(search))\(words)\(.foundEnd(search))"
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
