/// The search words of `text` for a full-text index, separated by single spaces.
///
/// Words are folded (see `TextFolder`): `Зелёный` and `зеленый` are the same. A run of Han, kana,
/// Hangul or Thai is split into overlapping pairs of characters, and its last character. A word has
/// at most 64 code points; the rest is discarded. Words consist of a–z, 0–9 and characters beyond
/// ASCII.
public func searchWords(_ text: String) -> String {
    var words = String.UnicodeScalarView()
    for run in Runs(TextFolder(text).scalars) {
        switch run {
        case .symbol(let scalar): words.append(word: [scalar])
        case .word(let word, let suffix):
            words.append(word: word)
            if !suffix.isEmpty { words.append(word: word + suffix) }
        case .dense(let units):
            for (unit, next) in zip(units, units.dropFirst()) { words.append(word: unit + next) }
            if let last = units.last { words.append(word: last) }
        }
    }
    return String(words)
}

/// A word that a document must contain.
public struct SearchTerm: Sendable, Hashable {
    /// The word in the form of the index.
    public let word: String
    /// Whether words that begin with `word` match too.
    public let isPrefix: Bool
}

/// The distinct words of a typed query; the last one is a prefix.
///
/// A run of Han, kana, Hangul or Thai becomes adjacent pairs of characters that cover it. Those are
/// half as many pairs as the index has for the run.
public func searchTerms(_ text: String) -> [SearchTerm] {
    var words: [(scalars: ArraySlice<UInt32>, isPrefix: Bool)] = []
    for run in Runs(TextFolder(text).scalars) {
        switch run {
        case .symbol(let scalar): words.append(([scalar], false))
        case .word(let word, let suffix): words.append((word + suffix, false))
        case .dense(let units):
            if units.count == 1 { words.append((units[0], true)) }
            for index in stride(from: 0, to: units.count - 1, by: 2) {
                words.append((units[index] + units[index + 1], false))
            }
            if units.count > 1, units.count % 2 == 1 {
                words.append((units[units.count - 2] + units[units.count - 1], false))
            }
        }
    }
    if !words.isEmpty { words[words.count - 1].isPrefix = true }
    // A linear search is enough: a word has at most 64 code points.
    var terms: [SearchTerm] = []
    var seen: Set<[UInt32]> = []
    for word in words.reversed() where seen.insert(Array(word.scalars)).inserted {
        var text = String.UnicodeScalarView()
        text.append(word: word.scalars)
        terms.append(SearchTerm(word: String(text), isPrefix: word.isPrefix))
    }
    return terms.reversed()
}

/// The folded text including punctuation and spaces, at most 200 code points.
///
/// Texts that readers consider equivalent have the same key.
public func foldedKey(_ text: String) -> String {
    var key = String.UnicodeScalarView()
    for scalar in TextFolder(text, scalarsMax: 200).scalars.prefix(200) {
        if let scalar = Unicode.Scalar(scalar) { key.append(scalar) }
    }
    return String(key)
}

/// The sort key of a text, which is compared as bytes: the folded key and then the text.
///
/// U+0001 separates them. It sorts before every character of a text.
public func sortKey(_ text: String) -> String {
    "\(foldedKey(text))\u{1}\(text)"
}

extension String.UnicodeScalarView {
    fileprivate mutating func append(word: ArraySlice<UInt32>) {
        if !isEmpty { append(" ") }
        for scalar in word {
            switch scalar {
            // Full-width forms, which folding never produces. The index treats the ASCII characters
            // as separators.
            case 0x23: append("\u{FF03}")
            case 0x2B: append("\u{FF0B}")
            default: if let scalar = Unicode.Scalar(scalar) { append(scalar) }
            }
        }
    }
}
