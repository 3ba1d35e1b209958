internal import CUTF8Proc

/// Maps code points that readers consider equivalent to the same code points.
///
/// The result is compatibility-decomposed (NFKD, UAX #15) and case-folded. Marks that only vary a
/// letter are removed: accents of Latin, Greek and Cyrillic, points of Hebrew, harakat and tatweel
/// of Arabic. Marks that make a different letter stay, such as voiced kana and the vowels of Thai.
struct TextFolder {
    /// The folded code points so far.
    private(set) var scalars: [UInt32] = []
    /// The number of marks on the last letter.
    private var marks = 0
    private var buffer = [Int32](repeating: 0, count: 32)
    private var caseBuffer = [Int32](repeating: 0, count: 8)

    /// The largest number of marks in a run, as in the Stream-Safe Text Format of UAX #15.
    ///
    /// The limit bounds the cost of sorting a run.
    private static let marksMax = 30

    /// Folds the code points of `text`, and stops after `scalarsMax` folded ones.
    init(_ text: String, scalarsMax: Int = 100_000) {
        scalars.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            guard scalars.count < scalarsMax else { break }
            append(scalar.value)
        }
    }

    private mutating func append(_ scalar: UInt32) {
        if scalar < 0x80 {
            let isUpper = scalar >= 0x41 && scalar <= 0x5A
            return appendFolded(isUpper ? scalar | 0x20 : scalar)
        }
        // The signs ℠ and ™ decompose to letters, which would join the word before them.
        if scalar == 0x2120 || scalar == 0x2122 { return appendFolded(0x20) }
        for part in decomposed(scalar) where !isDropped(part) {
            if part == 0x0306 { appendBreve() } else { appendCaseFolded(part) }
        }
    }

    /// The compatibility decomposition, at most 18 code points.
    private mutating func decomposed(_ scalar: UInt32) -> ArraySlice<UInt32> {
        let options = utf8proc_option_t(
            UTF8PROC_DECOMPOSE.rawValue | UTF8PROC_COMPAT.rawValue)
        return TextFolder.map(scalar, options, &buffer)
    }

    private mutating func appendCaseFolded(_ scalar: UInt32) {
        guard scalar >= 0x80 else { return append(scalar) }
        let options = utf8proc_option_t(
            UTF8PROC_DECOMPOSE.rawValue | UTF8PROC_COMPAT.rawValue | UTF8PROC_CASEFOLD.rawValue)
        for part in TextFolder.map(scalar, options, &caseBuffer) where !isDropped(part) {
            switch part {
            case 0xE6: [0x61, 0x65].forEach { appendFolded($0) }  // æ
            case 0x153: [0x6F, 0x65].forEach { appendFolded($0) }  // œ
            case 0xFE: [0x74, 0x68].forEach { appendFolded($0) }  // þ
            default: appendFolded(replacement(for: part))
            }
        }
    }

    private static func map(
        _ scalar: UInt32, _ options: utf8proc_option_t, _ buffer: inout [Int32]
    ) -> ArraySlice<UInt32> {
        var boundary: Int32 = 0
        let count = utf8proc_decompose_char(
            Int32(bitPattern: scalar), &buffer, buffer.count, options, &boundary)
        guard count >= 0, count <= buffer.count else { return [scalar] }
        return buffer[0..<count].map { UInt32(bitPattern: $0) }[...]
    }

    /// Appends a breve if it makes a different letter, and drops it otherwise.
    ///
    /// In Cyrillic it turns и and у into й and ў. In other scripts it is an accent.
    private mutating func appendBreve() {
        switch scalars.last {
        case 0x438: scalars[scalars.count - 1] = 0x439
        case 0x443: scalars[scalars.count - 1] = 0x45E
        default: break
        }
    }

    /// Appends a code point, and keeps marks in canonical order.
    private mutating func appendFolded(_ scalar: UInt32) {
        guard scalar >= 0x80, ScalarClass(scalar) == .mark else {
            marks = 0
            return scalars.append(scalar)
        }
        guard marks < TextFolder.marksMax else { return }
        let order = combiningClass(scalar)
        var index = scalars.count
        if order > 0 {
            let start = scalars.count - marks
            while index > start, combiningClass(scalars[index - 1]) > order { index -= 1 }
        }
        scalars.insert(scalar, at: index)
        marks += 1
    }
}

private func combiningClass(_ scalar: UInt32) -> Int16 {
    utf8proc_get_property(Int32(bitPattern: scalar)).pointee.combining_class
}

/// Whether a code point is invisible or only varies the letter before it.
private func isDropped(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0..<0x80: false
    case 0x306: false
    // Latin, Greek and Cyrillic.
    case 0x300...0x36F, 0x483...0x489, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0x20D0...0x20FF,
        0xFE20...0xFE2F:
        true
    // Hebrew points and accents, without the punctuation among them.
    case 0x591...0x5BD, 0x5BF, 0x5C1...0x5C2, 0x5C4...0x5C5, 0x5C7: true
    // Arabic marks and tatweel.
    case 0x610...0x61A, 0x640, 0x64B...0x65F, 0x670, 0x6D6...0x6DC, 0x6DF...0x6E4, 0x6E7...0x6E8,
        0x6EA...0x6ED, 0x8D3...0x8E1, 0x8E3...0x8FF:
        true
    // Variation selectors, skin tones and Hangul fillers.
    case 0x180B...0x180D, 0xFE00...0xFE0F, 0xE0100...0xE01EF, 0x1F3FB...0x1F3FF, 0x115F, 0x1160:
        true
    // A zero-width space separates words in Thai, Khmer and Japanese.
    case 0x200B: false
    default: utf8proc_category(Int32(bitPattern: scalar)) == UTF8PROC_CATEGORY_CF
    }
}

/// The folded form of a letter that has no decomposition to it.
private func replacement(for scalar: UInt32) -> UInt32 {
    switch scalar {
    case 0xF8: 0x6F  // ø
    case 0xF0, 0x111: 0x64  // ð đ
    case 0x127: 0x68  // ħ
    case 0x131: 0x69  // ı
    case 0x142: 0x6C  // ł
    case 0x167: 0x74  // ŧ
    case 0x649, 0x6CC: 0x64A  // alef maksura and Persian yeh to yeh
    case 0x629, 0x6C1: 0x647  // teh marbuta and heh goal to heh
    case 0x671: 0x627  // alef wasla to alef
    case 0x6A9: 0x643  // Persian kaf to kaf
    case 0x266F: 0x23  // ♯ to #
    case 0x660...0x669: scalar - 0x660 + 0x30
    case 0x6F0...0x6F9: scalar - 0x6F0 + 0x30
    case 0x966...0x96F: scalar - 0x966 + 0x30
    case 0xE50...0xE59: scalar - 0xE50 + 0x30
    // Katakana to hiragana.
    case 0x30A1...0x30F6, 0x30FD...0x30FE: scalar - 0x60
    default: scalar
    }
}
