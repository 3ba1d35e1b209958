internal import CUTF8Proc

/// The class of a folded code point, by which a text is split into words.
enum ScalarClass {
    /// A letter or digit of a script that puts spaces between words.
    case letter
    /// A letter of a script without spaces, such as Han, kana and Thai.
    ///
    /// Hangul is included, because its words are compounds.
    case dense
    /// A mark on the letter before it.
    case mark
    /// An emoji or another symbol, which is a word of its own.
    case symbol
    /// `+` or `#`, which can end a word, as in `c++`.
    case suffix
    case separator

    init(_ scalar: UInt32) {
        if scalar < 0x80 {
            switch scalar {
            case 0x30...0x39, 0x61...0x7A, 0x41...0x5A: self = .letter
            case 0x23, 0x2B: self = .suffix
            default: self = .separator
            }
            return
        }
        // The vowels and final consonants of decomposed Hangul.
        if (0x1160...0x11FF).contains(scalar) || (0xD7B0...0xD7FF).contains(scalar) {
            self = .mark
            return
        }
        switch utf8proc_category(Int32(bitPattern: scalar)) {
        case UTF8PROC_CATEGORY_LU, UTF8PROC_CATEGORY_LL, UTF8PROC_CATEGORY_LT,
            UTF8PROC_CATEGORY_LM, UTF8PROC_CATEGORY_LO, UTF8PROC_CATEGORY_ND,
            UTF8PROC_CATEGORY_NL, UTF8PROC_CATEGORY_NO:
            self = isDense(scalar) ? .dense : .letter
        case UTF8PROC_CATEGORY_MN, UTF8PROC_CATEGORY_MC, UTF8PROC_CATEGORY_ME: self = .mark
        case UTF8PROC_CATEGORY_SO:
            switch scalar {
            // Regional indicators: two of them form a flag.
            case 0x1F1E6...0x1F1FF: self = .letter
            // The blank Braille pattern, and the replacement characters.
            case 0x2800, 0xFFFC, 0xFFFD: self = .separator
            default: self = scalar >= 0x2190 ? .symbol : .separator
            }
        default: self = .separator
        }
    }
}

private func isDense(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0xE01...0xE4F: true  // Thai
    case 0xE80...0xEDF: true  // Lao
    case 0x1000...0x109F: true  // Burmese
    case 0x1100...0x115F, 0xA960...0xA97F: true  // Hangul, initial consonants
    case 0x1780...0x17DC: true  // Khmer
    case 0x2E80...0x2FDF, 0x3005...0x3007, 0x3021...0x3029: true  // Han
    case 0x3041...0x30FF, 0x31F0...0x31FF, 0x1B000...0x1B16F: true  // kana
    case 0x3100...0x312F, 0x31A0...0x31BF: true  // bopomofo
    case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF: true  // Han
    default: false
    }
}
