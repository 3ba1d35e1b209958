/// The runs of a folded text, in order.
struct Runs: Sequence, IteratorProtocol {
    enum Run {
        /// Letters and digits, and the `+` or `#` after them.
        case word(ArraySlice<UInt32>, suffix: ArraySlice<UInt32>)
        /// Characters of a script without spaces, each with its marks.
        case dense([ArraySlice<UInt32>])
        case symbol(UInt32)
    }

    private var rest: ArraySlice<UInt32>

    /// The largest number of code points in a word.
    private static let wordMax = 64
    /// The largest number of suffix characters: `c++` has two.
    private static let suffixMax = 2
    /// The largest number of marks on a character of a dense script.
    private static let marksMax = 8

    init(_ scalars: [UInt32]) { rest = scalars[...] }

    mutating func next() -> Run? {
        while let first = rest.first {
            switch ScalarClass(first) {
            case .letter: return word()
            case .dense: return dense()
            case .symbol:
                rest.removeFirst()
                return .symbol(first)
            case .mark, .suffix, .separator: rest.removeFirst()
            }
        }
        return nil
    }

    private mutating func word() -> Run {
        let word = rest.prefix { [.letter, .mark].contains(ScalarClass($0)) }
        rest = rest.dropFirst(word.count)
        let suffix = rest.prefix { ScalarClass($0) == .suffix }
        rest = rest.dropFirst(suffix.count)
        // In `1+1` the `+` is between two words and belongs to neither.
        let joinsTwo = rest.first.map { [.letter, .dense].contains(ScalarClass($0)) } ?? false
        return .word(
            word.prefix(Runs.wordMax), suffix: joinsTwo ? [] : suffix.prefix(Runs.suffixMax))
    }

    private mutating func dense() -> Run {
        var units: [ArraySlice<UInt32>] = []
        while let first = rest.first, ScalarClass(first) == .dense {
            let marks = rest.dropFirst().prefix { ScalarClass($0) == .mark }
            units.append(rest.prefix(1 + Swift.min(marks.count, Runs.marksMax)))
            rest = rest.dropFirst(1 + marks.count)
        }
        return .dense(units)
    }
}
