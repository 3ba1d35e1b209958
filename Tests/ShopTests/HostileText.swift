import TestShop

/// Text whose comparison, case folding, splitting or normalization by characters is expensive.
struct HostileText {
    private var chance: SeededRandom

    init(_ chance: SeededRandom) { self.chance = chance }

    mutating func below(_ bound: Int) -> Int { chance.below(bound) }

    mutating func pick<T>(_ choices: [T]) -> T { choices[below(choices.count)] }

    /// The characters that a text repeats.
    private static let pieces: [[String]] = [
        // Marks of different combining classes, which normalization has to sort.
        ["\u{301}", "\u{323}"], ["\u{323}", "\u{301}", "\u{327}", "\u{31B}", "\u{345}"],
        ["\u{5B0}", "\u{5BC}", "\u{591}"], ["\u{0300}", "\u{1DCE}", "\u{302A}"],
        // Jamo, which normalisation composes; ZWJ sequences; flags; selectors; invisible text.
        ["\u{1112}", "\u{1161}", "\u{11AB}"], ["\u{1100}"], ["👨", "\u{200D}", "👩", "\u{200D}"],
        ["🇩", "🇪"], ["\u{FE0F}"], ["\u{200B}"], ["\u{E0041}"],
        // What expands: ligatures, the longest compatibility decomposition, a composed Greek letter.
        ["ﬁ"], ["\u{FDFA}"], ["\u{1F82}"], ["İ", "ß"], ["\u{212A}"], ["\u{3B1}", "\u{345}"],
        // ASCII that queries, dates, cursors and searches are split at.
        ["a-"], ["\""], ["*"], [","], ["a b "], ["%"], ["_"], ["0"], ["9"], ["-"], ["A"], ["="],
        ["\\u0301\\u0323"], ["\u{1}"], ["a"], ["é"], ["中"], ["ا\u{64B}"], ["ก\u{E49}"],
    ]

    /// Text of at most `bytesMax` bytes, in up to three runs.
    mutating func text(bytesMax: Int) -> String {
        var text = pick(["", "a", "items", "password", "2026-01-31T12:00:00", "\"", "Bearer "])
        for _ in 0...below(3) {
            let pieces = pick(HostileText.pieces)
            let length = pieces.reduce(0) { $0 + $1.utf8.count }
            let room = bytesMax - text.utf8.count
            guard room >= length else { break }
            let count = 1 + (below(2) == 0 ? room / length - 1 : below(room / length))
            // In mixed order, so that nothing is sorted already.
            let mixed = (0..<7).map { _ in pick(pieces) }
            let unit = below(2) == 0 ? pieces.joined() : mixed.joined()
            text += String(repeating: unit, count: max(1, count * length / unit.utf8.count))
        }
        return text
    }

    /// The text as a JSON string of at most `bytesMax` bytes, plain or completely escaped.
    mutating func json(bytesMax: Int) -> String {
        let isEscaped = below(4) == 0
        let text = text(bytesMax: isEscaped ? bytesMax / 12 : bytesMax / 2)
        guard isEscaped else {
            let escaped = text.unicodeScalars.map { scalar in
                switch scalar {
                case "\"": "\\\""
                case "\\": "\\\\"
                default: scalar.value < 0x20 ? "\\t" : String(scalar)
                }
            }
            return "\"\(escaped.joined())\""
        }
        let units = text.utf16.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        return "\"\(units.joined())\""
    }

    /// The text as bytes of a URL or a header field, escaped completely or only where required.
    mutating func encoded(bytesMax: Int, escapes: Bool = true) -> String {
        let isWhole = escapes && below(2) == 0
        let text = text(bytesMax: isWhole ? bytesMax / 3 : bytesMax)
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            let isPlain =
                byte > 0x7F || byte > 0x20 && byte < 0x7F && !"#%&?\"\\/".utf8.contains(byte)
            if !isWhole, isPlain {
                encoded.append(byte)
            } else if escapes {
                let digits = Array(String(byte, radix: 16).utf8)
                encoded += [UInt8(ascii: "%")] + (digits.count == 1 ? [UInt8(ascii: "0")] : [])
                encoded += digits
            }
        }
        return String(decoding: encoded.prefix(bytesMax), as: UTF8.self)
    }

    /// A JSON value that is not a string: wide, deep, or a very long number.
    mutating func value(bytesMax: Int) -> String {
        let count = bytesMax / 8
        switch below(8) {
        case 0: return "[" + Array(repeating: "0", count: count).joined(separator: ",") + "]"
        case 1: return String(repeating: "[", count: count) + String(repeating: "]", count: count)
        case 2: return String(repeating: "9", count: 8 * count)
        case 3: return "1" + pick(["e", "E-", "e+"]) + String(repeating: "9", count: count)
        case 4: return "0." + String(repeating: "0", count: 4 * count) + "1e\(4 * count)"
        case 5: return "1e1000000"
        case 6:
            let member = "\"items\":0"
            return "{" + Array(repeating: member, count: count / 2).joined(separator: ",") + "}"
        default:
            return "{" + (0..<count / 2).map { "\"f\($0)\":0" }.joined(separator: ",") + "}"
        }
    }
}
